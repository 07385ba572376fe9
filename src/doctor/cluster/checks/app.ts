import type { Ground, MetricSample, Subject } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { appVariables } from '../appVariables.ts'
import { leftOut, MOST_ASKED } from '../focus.ts'
import { grouped } from '../grouped.ts'
import { forAll, ifAllowed } from '../memo.ts'
import { numberAt, textAt } from '../objects.ts'
import { sidecarStatus } from '../pods.ts'
import { withSidecar } from './credentials.ts'

const FEW = 8

/** Whether something of the app's own comes first in its SDKs. */
export const appKeys: Check<Ground> = {
  id: 'app-variables',
  title: "nothing of the app's own wins over Lanyard's credentials",
  needs: ['target'],
  look: async (ground) => {
    const all = await ground.subjects()
    const subjects = all.slice(0, MOST_ASKED)
    const deployed = await ifAllowed(ground.configuration())
    const findings = await forAll(subjects, FEW, (subject) => appVariables(subject, deployed, ground.cluster))
    return [...grouped(findings.flat()), ...leftOut(all)]
  },
}

/** Whether the app's SDKs have found the endpoint, and get on with it. */
export const appAsks: Check<Ground> = {
  id: 'app-asks',
  title: 'the app asks for its credentials, and gets them',
  needs: ['target'],
  look: async (ground) => {
    const all = await withSidecar(ground)
    const subjects = all.slice(0, MOST_ASKED)
    if (subjects.length === 0) return [{ verdict: 'skip', message: 'no pod with a sidecar is there' }]
    const findings = await forAll(subjects, FEW, async (subject) => {
      const { samples } = await ground.story(subject)
      return samples === undefined ? [unknown(subject)] : judge(subject, samples, ground.now())
    })
    return [...grouped(findings.flat()), ...leftOut(all)]
  },
}

const unknown = ({ title }: Subject): Finding => ({
  verdict: 'skip',
  subject: title,
  message: 'its metrics cannot be read',
})

const REQUESTS = 'lanyard_endpoint_requests_total'

function judge(subject: Subject, samples: readonly MetricSample[], now: number): readonly Finding[] {
  const counts = new Map<string, number>()
  let protocol = 'container'
  for (const { name, labels, value } of samples.filter((each) => each.name === REQUESTS && each.value > 0)) {
    counts.set(labels['code'] ?? name, (counts.get(labels['code'] ?? name) ?? 0) + value)
    protocol = labels['protocol'] ?? protocol
  }
  const of = (status: string): number => counts.get(status) ?? 0
  if (of('200') > 0) return []
  if (of('401') > 0) return [tooOld(subject, of('401'), protocol)]
  if (of('403') > 0) return [forwarded(subject, of('403'))]
  return counts.size === 0 ? neverAsked(subject, now) : []
}

function tooOld({ title }: Subject, times: number, protocol: string): Finding {
  const isImds = protocol === 'imds'
  const message = isImds
    ? `it asked ${times} times without an IMDSv2 token, and never with one`
    : `it asked ${times} times without the right token, and never with it`
  const fix = isImds
    ? 'Update the SDK to one that speaks IMDSv2.'
    : 'Update the SDK to one that reads AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (boto3 1.34.41, AWS CLI 2.15.0, JavaScript 3.504.0, Java 2.21.30 or later; the page on compatibility has all), or annotate the pod template with lanyard.dev/protocol: imds.'
  return { verdict: 'fail', code: 'SdkTooOld', subject: title, message, fix }
}

const forwarded = ({ title }: Subject, times: number): Finding => ({
  verdict: 'warn',
  code: 'ForwardedRefused',
  subject: title,
  message: `it asked ${times} times, and was refused each time (HTTP 403), as what comes through a proxy or a web page is`,
  fix: 'Look at the proxy variables of the app: NO_PROXY must hold 127.0.0.1.',
})

/** SDKs keep what they have for about so long: after a restart of the sidecar the counters begin anew. */
const KEPT = 3_600_000

function neverAsked(subject: Subject, now: number): readonly Finding[] {
  const status = sidecarStatus(subject.pod)
  const since = Date.parse(textAt(status, 'state', 'running', 'startedAt') ?? '')
  const isRestarted = (numberAt(status, 'restartCount') ?? 0) > 0
  if (isRestarted && !(since + KEPT < now)) return []
  // Before it has credentials, the app has not begun.
  if (textAt(subject.pod, 'status', 'phase') !== 'Running') return []
  return [
    { verdict: 'warn', code: 'AppNeverAsked', subject: subject.title, message: 'no request has come to its endpoint' },
  ]
}
