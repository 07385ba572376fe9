import { randomBytes } from 'node:crypto'
import type { Clock } from '../../src/credentials/index.ts'
import {
  type Answering,
  answeringContainers,
  answeringImds,
  createSessionTokens,
  type EndpointTokens,
} from '../../src/endpoint/index.ts'
import { Failure } from '../../src/errors/index.ts'
import { parseRole } from '../../src/federation/index.ts'
import type { Sessions } from './serve.ts'
import type { SidecarSettings } from './settings.ts'

type Parts = {
  readonly clock: Clock
  readonly values: SidecarSettings['values']
  readonly tokens: EndpointTokens
  readonly byPlan: Sessions
}

/** Each container by its token. */
export const containersOf = ({ clock, tokens, byPlan }: Parts): Answering =>
  answeringContainers({
    sessions: new Map([...byPlan].flatMap(([{ containers }, session]) => containers.map((name) => [name, session]))),
    tokens,
    now: clock.now,
  })

/** The one role, for whoever is in the pod. */
export function imdsOf({ clock, values, byPlan }: Parts): Answering {
  const [first] = byPlan
  const role = parseRole(first?.[0].request.roleArn ?? '')
  if (first === undefined || role === undefined)
    throw new Failure({ code: 'Internal', message: 'a sidecar for IMDS without a role was not refused' })
  return answeringImds({
    session: first[1],
    instance: { role: role.name, accountId: role.accountId, region: values.region },
    tokens: createSessionTokens(randomBytes(32)),
    now: clock.now,
  })
}
