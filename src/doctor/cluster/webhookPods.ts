/** Why the webhook has no pod, or none that is ready. */
import { type Code, Failure, type Problem } from '../../errors/index.ts'
import type { ClusterPort, Ground, Installation } from '../ground.ts'
import type { Finding } from '../types.ts'
import { itemsAt, type JsonObject, nameOf, namespaceOf, textAt } from './objects.ts'
import { failedCreatePlace, logPlace } from './places.ts'
import { explainRefusal } from './refusals.ts'
import { problemsIn, quoted } from './words.ts'

const CONTAINER = 'webhook'

/** The first cause that a pod tells which is not ready; undefined where none does. */
export async function whyNotReady(pods: readonly JsonObject[], cluster: ClusterPort): Promise<Finding | undefined> {
  for (const pod of pods.filter((each) => !isReady(each))) {
    const cause = causeInStatus(pod) ?? (await causeInLog(pod, cluster))
    if (cause !== undefined) return cause
  }
  return undefined
}

const isReady = (pod: JsonObject): boolean =>
  itemsAt(pod, 'status', 'conditions').some((each) => each['type'] === 'Ready' && each['status'] === 'True')

/** Reasons of kubelet that no log explains. */
const REASONS = /^(ErrImage|ImagePull|InvalidImage|Image|CreateContainer|RunContainer)/

/** The cause by what the API server shows of the pod: not scheduled, no image. */
function causeInStatus(pod: JsonObject): Finding | undefined {
  const scheduled = itemsAt(pod, 'status', 'conditions').find((each) => each['type'] === 'PodScheduled')
  if (scheduled?.['status'] === 'False')
    return down(
      pod,
      `it finds no node: ${quoted(textAt(scheduled, 'message') ?? '')}`,
      'Make room for it, or change its scheduling in the values of the chart.',
    )
  const [waiting] = itemsAt(pod, 'status', 'containerStatuses').map((each) => each['state'])
  const reason = textAt(waiting, 'waiting', 'reason')
  if (reason === undefined || !REASONS.test(reason)) return undefined
  const isImage = reason.includes('Image')
  const message = `${reason}: ${quoted(textAt(waiting, 'waiting', 'message') ?? '')}`
  return down(
    pod,
    message,
    isImage ? 'Correct image.repository and image.tag of the chart, or imagePullSecrets.' : undefined,
  )
}

const down = (pod: JsonObject, message: string, fix?: string): Finding => ({
  verdict: 'fail',
  code: 'WebhookDown',
  subject: `pod/${nameOf(pod)} -n ${namespaceOf(pod)}`,
  message,
  ...(fix !== undefined && { fix }),
})

/** Of settings there is nothing better to say than what the log says. */
const OWN_CAUSES = new Set<Code>(['SettingInvalid', 'SettingMissing', 'SettingUnknown', 'ConfigurationMalformed'])

async function causeInLog(pod: JsonObject, cluster: ClusterPort): Promise<Finding | undefined> {
  const problem = await lastProblem(cluster, namespaceOf(pod), nameOf(pod))
  if (problem === undefined) return undefined
  if (problem.code === 'ClusterForbidden') return rightsMissing(problem.message)
  if (OWN_CAUSES.has(problem.code)) return { ...problem, verdict: 'fail', subject: `pod/${nameOf(pod)}` }
  return down(pod, `its log says ${problem.code}: ${problem.message}`)
}

export const rightsMissing = (message: string): Finding => ({
  verdict: 'fail',
  code: 'WebhookRightsMissing',
  message: `the webhook was refused: ${message}`,
})

/** The last problem that the webhook's log tells of; undefined where there is none, or the log cannot be read. */
export async function lastProblem(cluster: ClusterPort, namespace: string, name: string): Promise<Problem | undefined> {
  try {
    const lines = (await cluster.text(logPlace(namespace, name, CONTAINER))).split('\n')
    return lines
      .filter((line) => !/"level":"(debug|info)"/.test(line))
      .flatMap(problemsOfLine)
      .at(-1)
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined
    throw thrown
  }
}

/** A log line as JSON has its problem under `error`; what is written before there is a log is the problem itself. */
function problemsOfLine(line: string): readonly Problem[] {
  if (!line.startsWith('{')) return problemsIn(line)
  try {
    return problemsIn(textAt(JSON.parse(line), 'error', 'message') ?? '')
  } catch {
    return []
  }
}

/** Where fewer pods are there than should be: the last refusal that its ReplicaSet met. */
export async function whyNotMade(
  { namespace, name }: Installation,
  pods: readonly JsonObject[],
  { cluster }: Pick<Ground, 'cluster'>,
): Promise<Finding | undefined> {
  if (pods.length > 0) return undefined
  try {
    const events = await cluster.list(failedCreatePlace(namespace))
    const own = events.filter((each) => textAt(each, 'involvedObject', 'name')?.startsWith(`${name}-`))
    const words = textAt(own.at(-1), 'message')
    const subject = `deployment/${name} -n ${namespace}`
    return words === undefined ? undefined : explainRefusal(words, { subject, namespace })[0]
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined
    throw thrown
  }
}
