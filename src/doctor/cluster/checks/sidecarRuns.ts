import { describe, type Problem } from '../../../errors/index.ts'
import { layout } from '../../../injection/index.ts'
import { annotationOf } from '../../../settings/index.ts'
import { asCommand } from '../../../terminal/shell.ts'
import type { Ground, Subject } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { grouped } from '../grouped.ts'
import { forAll, ifAllowed } from '../memo.ts'
import { itemsAt, type JsonObject, nameOf, numberAt, textAt, valueAt } from '../objects.ts'
import { podEventsPlace } from '../places.ts'
import { isOver, sidecarIn, sidecarStatus } from '../pods.ts'
import { problemsIn, quoted } from '../words.ts'

/** Whether the sidecars run; why one has no credentials yet is for the checks after it. */
export const sidecarRuns: Check<Ground> = {
  id: 'sidecar',
  title: 'the sidecars run',
  needs: ['target'],
  look: async (ground) => {
    const subjects = (await ground.subjects()).filter(({ pod, isLive }) => isLive && sidecarIn(pod) !== undefined)
    const running = subjects.filter(({ pod }) => !isOver(pod))
    if (running.length === 0) return [{ verdict: 'skip', message: 'no pod with a sidecar is there' }]
    const findings = await forAll(running, FEW, (subject) => stateOf(subject, ground))
    return grouped(findings.flat())
  },
}

const FEW = 4

async function stateOf(subject: Subject, ground: Ground): Promise<readonly Finding[]> {
  const { pod } = subject
  const unscheduled = itemsAt(pod, 'status', 'conditions').find(
    (each) => each['type'] === 'PodScheduled' && each['status'] === 'False',
  )
  if (unscheduled !== undefined)
    return [
      broken(
        subject,
        `it finds no node: ${quoted(textAt(unscheduled, 'message') ?? '')}`,
        'Make room for it in the cluster; the sidecar needs little: lanyard.dev/sidecar-cpu-request and its like.',
      ),
    ]
  const status = sidecarStatus(pod)
  const waiting = textAt(status, 'state', 'waiting', 'reason')
  if (waiting !== undefined && STUCK.test(waiting))
    return [stuck(subject, waiting, textAt(status, 'state', 'waiting', 'message') ?? '')]
  return isUp(status) ? restarts(subject, status) : await notUp(subject, status, ground)
}

const STUCK = /Image|CreateContainer|RunContainer/

const isUp = (status: JsonObject | undefined): boolean =>
  valueAt(status, ['state', 'running']) !== undefined && status?.['started'] !== false

/** Its image cannot be had, or its volumes are not there. */
function stuck(subject: Subject, reason: string, words: string): Finding {
  const image = sidecarIn(subject.pod)?.image ?? ''
  const fix = reason.includes('Image')
    ? `Let namespace ${subject.namespace} pull ${quoted(image)}: give its ServiceAccount an imagePullSecret, or correct image.repository and image.tag of the chart.`
    : 'Look at the events: the message says what kubelet lacks.'
  return broken(subject, `${reason}: ${quoted(words)}`, fix)
}

const broken = (subject: Subject, message: string, fix?: string): Finding => ({
  verdict: 'fail',
  code: 'SidecarNotRunning',
  subject: subject.title,
  message,
  ...(fix !== undefined && { fix }),
})

/** Areas of what a sidecar waits for while it runs as it should. */
const WAITS_FOR: readonly string[] = ['token', 'provider', 'saml', 'sts']

async function notUp(subject: Subject, status: JsonObject | undefined, ground: Ground): Promise<readonly Finding[]> {
  const [problem] = problemsIn(lastWords(status))
  if (problem === undefined) return unclear(subject, status, await lastEvent(subject, ground))
  const isWaiting = problem.code === 'GateTimeout' || WAITS_FOR.includes(describe(problem.code).area)
  if (isWaiting)
    return [{ verdict: 'ok', subject: subject.title, message: `it waits for credentials (${problem.code})` }]
  return [{ verdict: 'fail', subject: subject.title, ...advised(problem, subject) }]
}

const lastWords = (status: JsonObject | undefined): string =>
  textAt(status, 'state', 'terminated', 'message') ?? textAt(status, 'lastState', 'terminated', 'message') ?? ''

/** Of a sidecar that was replaced kubelet shows the end of the old one, and says in events alone why there is no new one. */
async function lastEvent({ namespace, pod }: Subject, { cluster }: Ground): Promise<string | undefined> {
  const events = (await ifAllowed(cluster.list(podEventsPlace(namespace, nameOf(pod))))) ?? []
  const failed = events.filter((each) => each['reason'] === 'Failed').map((each) => textAt(each, 'message') ?? '')
  return failed.findLast((message) => /^Failed to pull image|^Error: (?:Err)?Image/.test(message))
}

function unclear(subject: Subject, status: JsonObject | undefined, event: string | undefined): readonly Finding[] {
  if (event !== undefined) return [stuck(subject, 'ErrImagePull', event)]
  if (status === undefined || valueAt(status, ['state', 'running']) !== undefined)
    return [{ verdict: 'ok', subject: subject.title, message: 'it is starting' }]
  const exit =
    numberAt(status, 'lastState', 'terminated', 'exitCode') ?? numberAt(status, 'state', 'terminated', 'exitCode')
  if (exit === undefined) return [{ verdict: 'ok', subject: subject.title, message: 'it is starting' }]
  const why = exit === 137 ? ', killed: most often for want of memory' : ''
  const more = exit === 137 ? `Raise ${annotationOf('sidecarMemoryLimit')}.` : undefined
  return [
    broken(
      subject,
      `it ended with exit code ${exit}${why}`,
      more ?? asCommand(`kubectl -n ${subject.namespace} logs ${nameOf(subject.pod)} -c ${layout.SIDECAR} --previous`),
    ),
  ]
}

/** What is known better for this pod than for any. */
function advised({ code, field, message, fix }: Problem, { pod }: Subject): Pick<Finding, 'code' | 'message' | 'fix'> {
  const words = `${field === undefined ? '' : `${field}: `}${message}`
  if (code !== 'PortInUse') return { code, message: words, ...(fix !== undefined && { fix }) }
  const isMetrics = /metrics/i.test(words)
  const [annotation, other] = isMetrics
    ? [annotationOf('metricsPort'), '9799']
    : [annotationOf('credentialsPort'), '9796']
  const earlier = itemsAt(pod, 'spec', 'initContainers').map(nameAlone)
  const before = earlier.slice(0, earlier.indexOf(layout.SIDECAR)).join(', ')
  const who =
    before === ''
      ? 'Find out which container listens there'
      : `Something that starts before it listens there (${before})`
  return { code, message: words, fix: `${who}; or give Lanyard another port: ${annotation}: "${other}".` }
}

const nameAlone = (container: JsonObject): string => textAt(container, 'name') ?? ''

/** Since it was made; a few are none to worry about. */
const MANY_RESTARTS = 3

function restarts(subject: Subject, status: JsonObject | undefined): readonly Finding[] {
  const count = numberAt(status, 'restartCount') ?? 0
  if (count < MANY_RESTARTS) return []
  const reason = quoted(textAt(status, 'lastState', 'terminated', 'reason') ?? 'no reason')
  return [{ ...broken(subject, `it runs, after ${count} restarts (last: ${reason})`), verdict: 'warn' }]
}
