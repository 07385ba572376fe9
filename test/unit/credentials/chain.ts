import { createSession, type RunningSession } from '../../../src/credentials/driver.ts'
import { CLIENT_WINDOWS } from '../../../src/credentials/schedule.ts'
import type { Instant, Milliseconds, Obtain } from '../../../src/credentials/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import { assumeRole, heldBy, type Sts } from '../../../src/federation/index.ts'
import { createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'
import { failure, issue, NOW } from './support.ts'

type Hop = {
  readonly session: RunningSession
  /** Since the start, when each attempt began and how it ended. */
  readonly attempts: { readonly at: Milliseconds; result: Code | 'obtained' | 'under way' }[]
  /** While set, STS (for the first hop: or the identity) answers with that. */
  fails: Code | undefined
}

type Chain = { readonly clock: VirtualClock; readonly hops: readonly Hop[]; readonly start: () => Promise<void> }

const roleOf = (index: number): string => `arn:aws:iam::111122223333:role/hop-${index}`

/**
 * Sessions that go on from one another, by the exchange that the sidecar uses and joined as it joins them: of these
 * lifetimes, the one by the pod's identity first. `random` is in [0, 1); 0 is nothing early and the shortest backoff.
 */
export function chainOf(lifetimes: readonly Milliseconds[], random: () => number = () => 0): Chain {
  const clock = createVirtualClock({ start: NOW })
  const since = (instant: Instant = clock.now()): Milliseconds => instant - NOW
  const hops: Hop[] = []
  for (const [index, lifetime] of lifetimes.entries()) {
    const attempts: Hop['attempts'] = []
    const before = hops[index - 1]
    const obtain = obtainOf(index, lifetime, { clock, before, fails: () => hops[index]?.fails })
    const session = createSession({
      name: `hop-${index}`,
      clock,
      random,
      window: CLIENT_WINDOWS.container,
      obtain: (signal) => {
        attempts.push({ at: since(), result: 'under way' })
        return obtain(signal)
      },
      onSettled: (_state, event) => {
        const attempt = attempts.at(-1)
        if (attempt !== undefined) attempt.result = event.kind === 'failed' ? event.failure.code : 'obtained'
        if (event.kind === 'obtained') hops[index + 1]?.session.unblock()
      },
    })
    hops.push({ session, attempts, fails: undefined })
  }
  const start = async (): Promise<void> => {
    for (const { session } of hops) session.start()
    await clock.advance(0)
  }
  return { clock, hops, start }
}

type Making = { readonly clock: VirtualClock; readonly before: Hop | undefined; readonly fails: () => Code | undefined }

function obtainOf(index: number, lifetime: Milliseconds, { clock, before, fails }: Making): Obtain {
  const answer = async (): Promise<ReturnType<typeof issue>> => {
    const code = fails()
    if (code !== undefined) throw failure(code)
    return issue(clock, lifetime)
  }
  if (before === undefined) return answer
  const sts: Pick<Sts, 'assumeRole'> = {
    assumeRole: async () => {
      const { accessKeyId, secretAccessKey, sessionToken, expires, issued } = await answer()
      const assumedRoleArn = `arn:aws:sts::111122223333:assumed-role/hop-${index}/web`
      return {
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expires,
        assumedRoleArn,
        date: issued,
        localTime: clock.now(),
      }
    },
  }
  const request = { roleArn: roleOf(index), roleSessionName: 'web', durationSeconds: lifetime / 1000 }
  return assumeRole(heldBy(before.session, roleOf(index - 1)), sts, request)
}

export const timesOf = ({ attempts }: Hop): readonly Milliseconds[] => attempts.map(({ at }) => at)

export function hopAt(hops: readonly Hop[], index: number): Hop {
  const hop = hops[index]
  if (hop === undefined) throw new Error(`there is no hop ${index}`)
  return hop
}
