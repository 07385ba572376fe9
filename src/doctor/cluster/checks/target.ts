import type { Problem } from '../../../errors/index.ts'
import { ANNOTATION_PREFIX } from '../../../settings/index.ts'
import { asCommand } from '../../../terminal/shell.ts'
import type { Ground, Subject, WorkloadKind } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { annotationsOf, type JsonObject, nameOf, namespaceOf } from '../objects.ts'
import { isWorkload, namespacePlace } from '../places.ts'
import { isInjected } from '../pods.ts'
import { ENTRIES, entriesFor, isReached } from '../reach.ts'
import { isMisplaced, listWorkloads } from '../subjects.ts'
import { titleOf } from '../target.ts'

/** Whether there is what is asked about, and pods of it. */
export const targetThere: Check<Ground> = {
  id: 'target',
  title: 'what you ask about is there',
  needs: ['api-server'],
  look: async (ground) => {
    const { kind, name, namespace } = ground.target
    if (kind !== 'installation' && (await ground.named()) === undefined)
      return [
        {
          verdict: 'fail',
          code: 'TargetMissing',
          subject: `${kind}/${name}`,
          message: `there is none${kind === 'namespace' ? '' : ` in namespace ${namespace}`}`,
        },
      ]
    return [{ verdict: 'ok', message: counted(await ground.subjects()) }]
  },
}

const MOST = 3

function counted(subjects: readonly Subject[]): string {
  const pods = subjects.filter(({ isLive }) => isLive)
  if (subjects.length === 0) return 'no pod asks for Lanyard'
  if (pods.length === 0)
    return `${subjects
      .map(({ title }) => title)
      .slice(0, MOST)
      .join(', ')}, without a pod as yet`
  const few = pods.slice(0, MOST).map(({ title }) => title)
  const rest = pods.length - few.length
  return `${pods.length === 1 ? '1 pod' : `${pods.length} pods`}: ${few.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Whether the API server asks Lanyard about these pods, and their annotations are where they are read. */
export const reached: Check<Ground> = {
  id: 'reached',
  title: 'the API server asks Lanyard about the pods',
  needs: ['target'],
  unless: ['installed'],
  look: async (ground) => {
    const subjects = (await ground.subjects()).filter(({ pod, isLive }) => !(isLive && isInjected(pod)))
    return [...(await misplacedFindings(ground)), ...(await excludedFindings(ground, subjects))]
  },
}

async function misplacedFindings(ground: Ground): Promise<readonly Finding[]> {
  const { target, cluster } = ground
  if (target.kind === 'serviceaccount') return []
  const named = await ground.named()
  if (isWorkload(target.kind))
    return named !== undefined && isMisplaced(target.kind, named) ? [misplaced(ground, target.kind, named)] : []
  // A pod without a word of ours may be one whose Deployment has them all.
  if (target.kind === 'pod' && Object.keys(annotationsOf(named)).some((key) => key.startsWith(ANNOTATION_PREFIX)))
    return []
  const workloads = await listWorkloads(cluster, target.namespace)
  return workloads
    .filter(({ kind, object }) => isMisplaced(kind, object) && keepsTarget(object, ground, named))
    .map(({ kind, object }) => misplaced(ground, kind, object))
}

/** Of a pod that is named the workloads count that may keep it. */
const keepsTarget = (object: JsonObject, { target }: Ground, named: JsonObject | undefined): boolean =>
  target.kind !== 'pod' || nameOf(named).startsWith(`${nameOf(object)}-`)

function misplaced({ target }: Ground, kind: WorkloadKind, object: JsonObject): Finding {
  const names = Object.keys(annotationsOf(object)).filter((name) => name.startsWith(ANNOTATION_PREFIX))
  const title = titleOf(target, kind, namespaceOf(object), nameOf(object))
  const place =
    kind === 'cronjob' ? 'spec.jobTemplate.spec.template.metadata.annotations' : 'spec.template.metadata.annotations'
  return {
    verdict: 'fail',
    code: 'AnnotationMisplaced',
    subject: title,
    message: `${names.slice(0, 3).join(', ')} ${names.length === 1 ? 'is' : 'are'} on the ${kind} itself, where nobody reads ${names.length === 1 ? 'it' : 'them'}`,
    fix: `Move ${names.length === 1 ? 'it' : 'them'} to the pod template: ${place} of ${title}.`,
  }
}

async function excludedFindings(ground: Ground, subjects: readonly Subject[]): Promise<readonly Finding[]> {
  const found = await ground.installation()
  if (found === undefined) return []
  const findings: Finding[] = []
  const told = new Set<string>()
  for (const subject of subjects) {
    const [entry] = entriesFor(subject)
    const namespace = (await ground.cluster.get(namespacePlace(subject.namespace))) ?? {}
    const isHeard = entry !== ENTRIES.own || isReached(found, ENTRIES.own, namespace)
    if (isHeard || told.has(subject.namespace)) continue
    told.add(subject.namespace)
    findings.push({
      verdict: 'fail',
      code: 'NamespaceExcluded',
      subject: subject.title,
      ...excluded(subject.namespace, found.namespace, found.object),
    })
  }
  return findings
}

function excluded(namespace: string, system: string, object: JsonObject): Pick<Problem, 'message' | 'fix'> {
  if (namespace === system)
    return {
      message: `${namespace} is Lanyard's own namespace, whose pods must start without it`,
      fix: 'Run the pod in another namespace.',
    }
  return {
    message: `the entry ${ENTRIES.own} of ${nameOf(object)} does not select namespace ${namespace}`,
    fix: `Label the namespace as webhook.namespaceSelector of the chart wants it (${asCommand(`kubectl get mutatingwebhookconfiguration ${nameOf(object)} -o yaml`)}), or change that value.`,
  }
}
