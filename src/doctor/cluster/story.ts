import { type Code, codes, Failure, toFailure } from '../../errors/index.ts'
import { layout } from '../../injection/index.ts'
import type { EnvVar } from '../../injection/types.ts'
import { variableOf } from '../../settings/index.ts'
import { ATTEMPTS, EXPIRATION, parseExposition, REFRESH } from '../../status/index.ts'
import type { ClusterPort, MetricSample, SidecarFailure, SidecarStory, Subject } from '../ground.ts'
import { isObject, nameOf, textAt } from './objects.ts'
import { logPlace, metricsPlace } from './places.ts'
import { sidecarIn, sidecarStatus } from './pods.ts'
import { problemsIn, toProblem } from './words.ts'

/** What the sidecar of a pod that is there says, by its log, its metrics and its last words. */
export async function readStory(cluster: ClusterPort, { namespace, pod }: Subject): Promise<SidecarStory> {
  const name = nameOf(pod)
  const [log, metrics] = await Promise.all([
    readable(cluster.text(logPlace(namespace, name, layout.SIDECAR))),
    readable(cluster.text(metricsPlace(namespace, name, portOf(pod)))),
  ])
  const samples = metrics.text === undefined ? undefined : parseExposition(metrics.text)
  const told = log.text === undefined ? [] : failingIn(log.text)
  return {
    failing: stillFailing(told.length > 0 ? told : [...lastWords(pod), ...counted(samples)], samples),
    samples,
    unread: [
      ...(log.failure === undefined ? [] : [{ what: 'log' as const, failure: log.failure }]),
      ...(samples === undefined ? [{ what: 'metrics' as const, failure: metrics.failure ?? unreadable(name) }] : []),
    ],
  }
}

type Readable = { readonly text?: string; readonly failure?: Failure }

const readable = (text: Promise<string>): Promise<Readable> =>
  text.then(
    (read) => ({ text: read }),
    (thrown: unknown) => ({ failure: toFailure(thrown) }),
  )

const unreadable = (name: string): Failure =>
  new Failure({ code: 'ClusterAnswerInvalid', field: `metrics of ${name}`, message: 'what answers has no metrics' })

const METRICS_PORT = 9798

/** As the webhook wrote it into the sidecar. */
export function portOf(pod: Subject['pod']): number {
  const text = variableIn(pod, variableOf('metrics.port')) ?? ''
  return /^\d{1,5}$/.test(text) ? Number(text) : METRICS_PORT
}

const variableIn = (pod: Subject['pod'], name: string): string | undefined =>
  (sidecarIn(pod)?.env ?? []).find((each: EnvVar) => each.name === name)?.value ?? undefined

/** By session, newest first, those whose last line in the log tells of a failure. */
function failingIn(log: string): readonly SidecarFailure[] {
  const last = new Map<string, SidecarFailure | undefined>()
  for (const line of log.split('\n')) {
    const entry = parsed(line)
    const session = textAt(entry, 'session')
    if (entry === undefined || session === undefined) continue
    if (entry['msg'] === 'credentials obtained') last.set(session, undefined)
    if (entry['msg'] === 'credentials not obtained') last.set(session, failureIn(session, entry) ?? last.get(session))
  }
  const failing = [...last.values()].filter((each) => each !== undefined)
  return failing.toSorted((one, other) => (other.at ?? 0) - (one.at ?? 0))
}

function failureIn(session: string, entry: Readonly<Record<string, unknown>>): SidecarFailure | undefined {
  const [code, message = ''] = [textAt(entry, 'error', 'code'), textAt(entry, 'error', 'message')]
  if (code === undefined || !isCode(code)) return undefined
  const at = Date.parse(textAt(entry, 'time') ?? '')
  const problem = toProblem(code, message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message)
  return { session, problem, at: Number.isNaN(at) ? undefined : at }
}

const isCode = (text: string): text is Code => Object.hasOwn(codes, text)

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What kubelet kept of a sidecar whose start gate failed: `SESSION: Code: …` a line. */
function lastWords(pod: Subject['pod']): readonly SidecarFailure[] {
  const status = sidecarStatus(pod)
  const text = textAt(status, 'lastState', 'terminated', 'message') ?? textAt(status, 'state', 'terminated', 'message')
  return (text ?? '').split('\n').flatMap((line) => {
    const session = /^([\w.-]{1,63}): [A-Z]/.exec(line)?.[1]
    return session === undefined ? [] : problemsIn(line).map((problem) => ({ session, problem, at: undefined }))
  })
}

/** By the counters, of sessions that serve nothing: the most frequent cause. */
function counted(samples: readonly MetricSample[] | undefined): readonly SidecarFailure[] {
  const empty = (samples ?? []).filter(({ name, value }) => name === EXPIRATION && value === 0)
  return empty.flatMap(({ labels: { session = '' } }) => {
    const [worst] = (samples ?? [])
      .filter(({ name, labels, value }) => {
        const isOwn = name === ATTEMPTS && labels['session'] === session
        return isOwn && labels['result'] === 'failure' && labels['code'] !== 'other' && value > 0
      })
      .toSorted((one, other) => other.value - one.value)
    const code = worst?.labels['code'] ?? ''
    if (worst === undefined || !isCode(code)) return []
    return [{ session, problem: { code, message: `${worst.value} attempts failed so` }, at: undefined }]
  })
}

/** Without those that the metrics say have been mended since: a log that tells of failures alone says nothing of success. */
function stillFailing(
  failing: readonly SidecarFailure[],
  samples: readonly MetricSample[] | undefined,
): readonly SidecarFailure[] {
  const sampleOf = (name: string, session: string): number =>
    samples?.find((each) => each.name === name && each.labels['session'] === session)?.value ?? 0
  return failing.filter(({ session, at }) =>
    at === undefined ? sampleOf(EXPIRATION, session) === 0 : sampleOf(REFRESH, session) * 1_000 < at,
  )
}
