import { assumeRole } from './assumeRole.ts'
import { assumeRoleWithSaml } from './assumeRoleWithSaml.ts'
import { assumeRoleWithWebIdentity } from './assumeRoleWithWebIdentity.ts'
import type { Dialect } from './dialects.ts'
import { StsFailure } from './failure.ts'
import { getCallerIdentity } from './getCallerIdentity.ts'
import type { Parameters } from './parameters.ts'
import type { Action } from './types.ts'

/** Every action that this STS knows. */
const actions: ReadonlyMap<string, Action> = new Map([
  ['AssumeRole', assumeRole],
  ['AssumeRoleWithSAML', assumeRoleWithSaml],
  ['AssumeRoleWithWebIdentity', assumeRoleWithWebIdentity],
  ['GetCallerIdentity', getCallerIdentity],
])

/** @throws StsFailure MissingAction or InvalidAction. */
export function findAction(parameters: Parameters, dialect: Pick<Dialect, 'actions'>): Action {
  const name = parameters.get('Action')
  if (name === undefined) throw new StsFailure('MissingAction', 'The request is missing an action')
  const version = parameters.get('Version') ?? 'NO_VERSION_SPECIFIED'
  const isSpoken = version === '2011-06-15' && dialect.actions.includes(name)
  const action = isSpoken ? actions.get(name) : undefined
  if (action !== undefined) return action
  throw new StsFailure('InvalidAction', `Could not find operation ${name} for version ${version}`)
}
