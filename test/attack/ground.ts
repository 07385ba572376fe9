import { join } from 'node:path'
import process from 'node:process'
import { buildBundles, bundleOf, type Variant } from '../../scripts/build/bundles.ts'
import type { Protocol } from '../conformance/client.ts'
import { attempts, startWorld } from '../integration/sidecar/pod.ts'
import { type AtEnd, scratch } from '../support/processes.ts'
import { type Attacker, type RealClient, startAttacker, startClient } from './children.ts'
import { type Sidecar, startSidecar } from './sidecar.ts'

/** A sidecar under attack beside its real client. */
export type Front = { readonly sidecar: Sidecar; readonly client: RealClient }

export type Ground = {
  readonly attacker: Attacker
  readonly fronts: readonly Front[]
  /** How often a sidecar has turned to STS so far. */
  readonly exchanges: () => number
}

const PROTOCOLS: readonly Protocol[] = ['container', 'imds']

/** An issuer, STS, and for each protocol a sidecar that has credentials, with a client that asks for them all the time. */
export async function prepareGround(variant: Variant, atEnd: AtEnd): Promise<Ground> {
  const folder = scratch(atEnd)
  await buildBundles(process.cwd(), folder, [bundleOf(variant, 'sidecar.cjs')])
  const bundle = join(folder, 'sidecar.cjs')
  const world = await startWorld()
  atEnd(world.stop)
  const sts = await world.startSts()
  const attacker = startAttacker()
  atEnd(attacker.stop)
  const fronts: Front[] = []
  for (const protocol of PROTOCOLS) {
    const started = await startSidecar({ world, sts: sts.url, bundle, protocol, atEnd })
    const sidecar = protocol === 'imds' ? await withSessionToken(started, attacker) : started
    const client = startClient(sidecar)
    atEnd(client.stop)
    fronts.push({ sidecar, client })
  }
  return { attacker, fronts, exchanges: () => attempts(sts).length }
}

/** 38 bytes in base64url. */
const TOKEN_LENGTH = 51

async function withSessionToken(sidecar: Sidecar, attacker: Attacker): Promise<Sidecar> {
  const { target } = sidecar
  const { seen } = await attacker.order({ kind: 'mint', port: target.port })
  if (seen.length !== TOKEN_LENGTH) throw new Error(`there is no session token of the sidecar for IMDS: ${seen}`)
  return { ...sidecar, target: { ...target, proof: { ...target.proof, token: seen } } }
}
