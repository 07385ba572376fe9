import { annotationOf } from '../../../settings/index.ts'
import type { Ground, Subject } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { type DryRun, dryRun } from '../dryRun.ts'
import { grouped } from '../grouped.ts'
import { forAll, ifAllowed } from '../memo.ts'
import { annotationsOf, type JsonObject, objectAt, textAt } from '../objects.ts'
import { failedCreatePlace } from '../places.ts'
import { isInjected, isOver, sidecarIn } from '../pods.ts'
import { explainRefusal } from '../refusals.ts'
import { quoted } from '../words.ts'

const FEW = 4
/** Each is work for the API server and for every webhook there is. */
const MOST = 20

/** Whether the API server would make the pods: quotas, policies and everybody's webhooks have a say. */
export const admitted: Check<Ground> = {
  id: 'admitted',
  title: 'the API server would make the pods, with their sidecars',
  needs: ['target'],
  unless: ['installed', 'webhook-up', 'webhook-trusted', 'reached'],
  look: async (ground) => {
    const subjects = (await ground.subjects()).filter(isOfInterest)
    const few = subjects.slice(0, MOST)
    const findings = await forAll(few, FEW, (subject) => tryOut(subject, ground))
    return [
      ...grouped(findings.flat()),
      ...(subjects.length > MOST ? [skip(`of ${subjects.length} pods ${MOST} were tried`)] : []),
    ]
  },
}

const skip = (message: string): Finding => ({ verdict: 'skip', message })

/** A pod that is there with its sidecar has been made. */
const isOfInterest = ({ pod, isLive }: Subject): boolean => !isLive || !(isInjected(pod) || isOver(pod))

async function tryOut(subject: Subject, ground: Ground): Promise<readonly Finding[]> {
  const outcome = await ifAllowed(ground.decision(subject))
  if (outcome?.kind === 'deny') return [skip('what Lanyard denies need not be tried')]
  if (!ground.isDryRunAllowed) return [skip('no dry run is to be made'), ...(await refusedBefore(subject, ground))]
  const result = await dryRun(ground.cluster, subject.namespace, creatable(subject))
  if (result.kind === 'forbidden')
    return [skip('you may not create pods, which a dry run needs'), ...(await refusedBefore(subject, ground))]
  const found = await ifAllowed(ground.installation())
  const refused = {
    subject: subject.title,
    namespace: subject.namespace,
    webhook: found?.injector === 'webhook' ? found : undefined,
  }
  if (result.kind === 'refused') return explainRefusal(result.words, refused)
  return [
    ...lacking(subject, result, outcome === undefined ? asksForRole(subject) : outcome.kind === 'inject'),
    ...(await triesAgain(subject, ground)),
  ]
}

/** Where nobody here can decide. */
const asksForRole = ({ pod }: Subject): boolean => {
  const annotations = annotationsOf(pod)
  return annotations[annotationOf('roleArn')] !== undefined && annotations[annotationOf('inject')] !== 'false'
}

/** Somebody else took it away again, or the entry looks the other way. */
function lacking({ title }: Subject, { pod }: Extract<DryRun, { kind: 'made' }>, isMeant: boolean): readonly Finding[] {
  if (!isMeant || isInjected(pod)) return []
  const message =
    'Lanyard would inject it, and the API server makes it without a sidecar: nobody asks the webhook, or another one takes the sidecar away'
  const fix = 'Look at the other mutating webhooks: kubectl get mutatingwebhookconfigurations.'
  return [{ verdict: 'fail', code: 'PodNotInjected', subject: title, message, fix }]
}

/** The pod without what belongs to the one that is there: its name, its node, its state, and what an earlier Lanyard made. */
function creatable({ pod, isLive }: Subject): JsonObject {
  const { annotations, labels } = objectAt(pod, 'metadata')
  const metadata = {
    generateName: 'lanyard-doctor-',
    ...(annotations !== undefined && { annotations }),
    ...(labels !== undefined && { labels }),
  }
  const { nodeName: _, ephemeralContainers: __, ...spec } = objectAt(pod, 'spec')
  return { metadata, spec: isLive ? spec : objectAt(pod, 'spec') }
}

/** Of a workload what its controller was told last, where it cannot be tried. */
async function refusedBefore(subject: Subject, ground: Ground): Promise<readonly Finding[]> {
  const words = await lastRefusal(subject, ground)
  return words === undefined ? [] : explainRefusal(words, { subject: subject.title, namespace: subject.namespace })
}

async function triesAgain(subject: Subject, ground: Ground): Promise<readonly Finding[]> {
  const words = await lastRefusal(subject, ground)
  if (words === undefined) return []
  return [
    {
      verdict: 'ok',
      subject: subject.title,
      message: `its controller was refused before, and tries again by itself: ${quoted(words)}`,
    },
  ]
}

/** By the events of what makes the pods of a template: its own name, or that with a hash or a number behind it. */
async function lastRefusal(subject: Subject, { cluster }: Ground): Promise<string | undefined> {
  if (subject.isLive || sidecarIn(subject.pod) !== undefined) return undefined
  const name = subject.title.split(/[/ ]/)[1] ?? ''
  const events = (await ifAllowed(cluster.list(failedCreatePlace(subject.namespace)))) ?? []
  const own = events.filter((event) => isAbout(textAt(event, 'involvedObject', 'name') ?? '', name))
  const last = own.toSorted((one, other) => lastSeen(one) - lastSeen(other)).at(-1)
  return textAt(last, 'message')
}

const isAbout = (involved: string, name: string): boolean => involved === name || involved.startsWith(`${name}-`)
const lastSeen = (event: JsonObject): number =>
  Date.parse(textAt(event, 'lastTimestamp') ?? textAt(event, 'eventTime') ?? '') || 0
