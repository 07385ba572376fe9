import { codes } from '../errors/index.ts'
import { type Look, NOISE } from './clock.ts'
import { followClock, type SessionState } from './machine.ts'
import { LONGEST_WAIT } from './schedule.ts'
import type { Instant, Milliseconds } from './types.ts'

/** What is kept of all sessions over a restart of the sidecar, by the session's name. */
export type KeptSessions = Readonly<Record<string, { readonly fingerprint: string; readonly state: SessionState }>>

/**
 * The state that an earlier run left for this session, if it is whole and the session is still the same one: of the same
 * pod, role, name, duration and policy. Anything else is as good as nothing. Its instants are as the clock stands now.
 */
export function restoreState(kept: unknown, name: string, fingerprint: string, look: Look): SessionState | undefined {
  if (!isRecord(kept) || !Object.hasOwn(kept, name)) return undefined
  const entry = kept[name]
  if (!isRecord(entry) || entry['fingerprint'] !== fingerprint || !isState(entry['state'])) return undefined
  // Of another boot: how long ago that was, nothing tells but a clock that may have been set.
  if (look.uptime < entry['state'].seen.uptime) return undefined
  const state = { ...followClock(entry['state'], look), obtaining: false }
  if (state.held === undefined || look.now < state.held.expires) return state
  const { held: _, ...rest } = state
  return rest
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTime = (value: unknown): value is Instant => typeof value === 'number' && Number.isFinite(value)
const isLook = (value: unknown): value is Look => isRecord(value) && isTime(value['now']) && isTime(value['uptime'])
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

function isState(value: unknown): value is SessionState {
  if (!isRecord(value)) return false
  const { held, failures, lastFailure, retryAt, seen } = value
  return (
    isLook(seen) &&
    isRecord(failures) &&
    [failures['backoff'], failures['rereadToken'], failures['slow']].every(isCount) &&
    optional(retryAt, isSoon(seen.now, LONGEST_WAIT + NOISE)) &&
    optional(lastFailure, isNote) &&
    optional(held, isHeldSince(seen.now))
  )
}

const optional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value)
const isNote = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['code']) &&
  Object.hasOwn(codes, String(value['code'])) &&
  isText(value['message']) &&
  isTime(value['at'])

/** What a session waits for is never far away: a state that says so would never be turned again. */
const isSoon = (seen: Instant, most: Milliseconds) => (value: unknown) => isTime(value) && value - seen <= most

/** STS gives 12 hours at the most, and is trusted with some minutes more. */
const LONGEST_LIFE: Milliseconds = 13 * 3_600_000

const isHeldSince = (seen: Instant) => (value: unknown) => {
  if (!isRecord(value) || !isRecord(value['credentials'])) return false
  const { credentials, expires, renewAt } = value
  if (!isTime(expires) || expires - seen > LONGEST_LIFE || !isTime(renewAt) || renewAt > expires) return false
  const texts = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'roleArn', 'assumedRoleArn']
  return (
    texts.every((name) => isText(credentials[name])) &&
    // Where a server has no accounts it is empty.
    typeof credentials['accountId'] === 'string' &&
    ['expires', 'issued', 'skew'].every((name) => isTime(credentials[name]))
  )
}
