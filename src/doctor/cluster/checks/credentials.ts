import type { Failure } from '../../../errors/index.ts'
import { EXPIRATION } from '../../../status/index.ts'
import { asCommand } from '../../../terminal/shell.ts'
import type { Ground, MetricSample, SidecarStory, Subject } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { leftOut, MOST_ASKED } from '../focus.ts'
import { grouped } from '../grouped.ts'
import { forAll } from '../memo.ts'
import { nameOf } from '../objects.ts'
import { canTell } from '../pods.ts'

const FEW = 8

/** Pods whose sidecar can be asked. */
export async function withSidecar(ground: Ground): Promise<readonly Subject[]> {
  return (await ground.subjects()).filter(canTell)
}

/** Whether the sidecars hold credentials, and get new ones. */
export const credentials: Check<Ground> = {
  id: 'credentials',
  title: 'the sidecars hold credentials',
  needs: ['target'],
  look: async (ground) => {
    const subjects = await withSidecar(ground)
    if (subjects.length === 0) return [{ verdict: 'skip', message: 'no pod with a sidecar is there' }]
    const few = subjects.slice(0, MOST_ASKED)
    const findings = await forAll(few, FEW, async (subject) =>
      ofStory(subject, await ground.story(subject), ground.now()),
    )
    return [...grouped(findings.flat()), ...leftOut(subjects)]
  },
}

function ofStory(subject: Subject, { failing, samples, unread }: SidecarStory, now: number): readonly Finding[] {
  const findings: Finding[] = failing.map(({ session, problem }) => {
    const isHeld = expiresOf(samples, session) > now
    return {
      verdict: isHeld ? 'warn' : 'fail',
      code: problem.code,
      subject: subject.title,
      message: `${session === 'default' ? '' : `${session}: `}${isHeld ? 'it has credentials, and gets no new ones: ' : ''}${problem.message}`,
      ...(problem.fix !== undefined && { fix: problem.fix }),
    }
  })
  if (findings.length > 0) return findings
  if (samples === undefined) return unread.map(({ what, failure }) => unreadable(subject, what, failure))
  return [...expired(subject, samples, now), holding(subject, samples, now)].slice(0, 1)
}

/** In epoch milliseconds; 0 where nothing is served. */
const expiresOf = (samples: readonly MetricSample[] | undefined, session: string): number =>
  (samples?.find(({ name, labels }) => name === EXPIRATION && labels['session'] === session)?.value ?? 0) * 1_000

/** Only a refusal is a matter of rights. */
function unreadable(subject: Subject, what: string, { code, problems }: Failure): Finding {
  const message = `its ${what} cannot be read: ${problems[0]?.message ?? ''}`
  const fix = `Look at ${asCommand(`kubectl -n ${subject.namespace} logs ${nameOf(subject.pod)} -c lanyard`)}.`
  const own = code === 'ClusterForbidden' ? 'RightsMissing' : code
  return { verdict: 'warn', code: own, subject: subject.title, message, fix }
}

function expired(subject: Subject, samples: readonly MetricSample[], now: number): readonly Finding[] {
  const over = samples.filter(({ name, value }) => name === EXPIRATION && value * 1_000 <= now)
  if (over.length === 0) return []
  const message = over.some(({ value }) => value > 0) ? 'its credentials have expired' : 'it has no credentials yet'
  const fix = `Look at ${asCommand(`kubectl -n ${subject.namespace} logs ${nameOf(subject.pod)} -c lanyard`)}; if it says nothing, report it.`
  return [{ verdict: 'fail', code: 'CredentialsNotReady', subject: subject.title, message, fix }]
}

function holding(subject: Subject, samples: readonly MetricSample[], now: number): Finding {
  const ends = samples.filter(({ name }) => name === EXPIRATION).map(({ value }) => value * 1_000)
  const minutes = Math.max(0, Math.round((Math.min(...ends) - now) / 60_000))
  return {
    verdict: 'ok',
    subject: subject.title,
    message: `its credentials last ${minutes} min more, and are renewed before`,
  }
}
