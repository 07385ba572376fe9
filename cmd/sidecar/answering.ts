import { randomBytes } from 'node:crypto'
import type { Clock } from '../../src/credentials/index.ts'
import {
  type Answering,
  answeringContainers,
  answeringImds,
  createSessionTokens,
  type EndpointTokens,
} from '../../src/endpoint/index.ts'
import { Failure, toFailure } from '../../src/errors/index.ts'
import { parseRole } from '../../src/federation/index.ts'
import { type StateFile, stateFile } from '../../src/files/index.ts'
import type { Sessions } from './sessions.ts'
import type { SidecarSettings } from './settings.ts'

type Parts = {
  readonly clock: Clock
  readonly config: SidecarSettings['config']
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

type Telling = { onFailure(failure: Failure): void }

/** The one role, for whoever is in the pod. */
export function imdsOf({ clock, config, values, byPlan, onFailure }: Parts & Telling): Answering {
  // The others are on the way to it.
  const first = [...byPlan].find(([{ containers }]) => containers.length > 0)
  const role = parseRole(first?.[0].hop.request.roleArn ?? '')
  if (first === undefined || role === undefined)
    throw new Failure({ code: 'Internal', message: 'a sidecar for IMDS without a role was not refused' })
  return answeringImds({
    session: first[1],
    instance: { role: role.name, accountId: role.accountId, region: values.region },
    tokens: createSessionTokens(keptKey(stateFile(config['state.directory'], 'imds-key.json'), onFailure)),
    now: clock.now,
  })
}

const KEY_BYTES = 32

/** The key of session tokens that an earlier run left: apps go on with theirs when the sidecar restarts. */
function keptKey(file: StateFile, onFailure: Telling['onFailure']): Uint8Array {
  const left = file.load()
  const kept = Buffer.from(typeof left === 'string' ? left : '', 'base64')
  if (kept.length === KEY_BYTES) return kept
  const key = randomBytes(KEY_BYTES)
  try {
    file.save(key.toString('base64'))
  } catch (thrown) {
    onFailure(toFailure(thrown))
  }
  return key
}
