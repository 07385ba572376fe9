import process from 'node:process'
import { type Ground, type IdentityGround, identityGroundOf, seenFromOutside } from '../../src/doctor/index.ts'
import { readText } from '../configFile.ts'
import { proxyOf } from '../proxy.ts'
import { systemClock } from '../systemClock.ts'
import { tryFromHere } from './fromHere.ts'
import type { Options } from './options.ts'

type Asked = Pick<Options, 'isExchangeAsked' | 'roleFile' | 'providerFile'>

/** The identity of the pod that is looked at, and what the caller has of IAM. Throws Failure FileUnreadable. */
export function identityFromOutside(
  ground: Ground,
  { isExchangeAsked, roleFile, providerFile }: Asked,
): IdentityGround {
  return identityGroundOf(ground, {
    exchange: isExchangeAsked
      ? async (signal) => tryFromHere(ground, await seenFromOutside(ground), signal, proxyOf(process.env))
      : undefined,
    roleFile: roleFile === undefined ? undefined : readText(roleFile, '--role-file'),
    providerFile: providerFile === undefined ? undefined : readText(providerFile, '--provider-file'),
    uptime: systemClock.uptime,
  })
}
