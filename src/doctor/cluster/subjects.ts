import { serviceAccountOf } from '../../injection/index.ts'
import { workloadOf } from '../../manifests/workloads.ts'
import { ANNOTATION_PREFIX } from '../../settings/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import {
  type ClusterPort,
  type Place,
  type Subject,
  type Target,
  WORKLOAD_KINDS,
  type WorkloadKind,
} from '../ground.ts'
import { forAll, ifAllowed } from './memo.ts'
import {
  annotationsOf,
  controllerUidOf,
  createdAt,
  type JsonObject,
  nameOf,
  namespaceOf,
  numberAt,
  textAt,
} from './objects.ts'
import {
  isWorkload,
  namespacePlace,
  podPlace,
  podsPlace,
  serviceAccountPlace,
  typeOf,
  workloadPlace,
  workloadsPlace,
} from './places.ts'
import { isOurs, renewalOf, troubleOf } from './pods.ts'
import { titleOf } from './target.ts'

/** Where the object is that the target names; undefined for the installation. */
export function placeOf({ kind, name, namespace = 'default' }: Target): Place | undefined {
  if (kind === 'installation') return undefined
  if (kind === 'namespace') return namespacePlace(name)
  if (kind === 'pod') return podPlace(namespace, name)
  return kind === 'serviceaccount' ? serviceAccountPlace(namespace, name) : workloadPlace(kind, namespace, name)
}

export type Looking = {
  readonly cluster: ClusterPort
  readonly target: Target
  /** The object that is named. */
  readonly named: JsonObject | undefined
  /** Whether the webhook would do anything about a pod that says nothing itself. */
  readonly isMeant: (subject: Subject) => Promise<boolean>
}

/** The pods to look at, the most troubled first. */
export async function findSubjects(looking: Looking): Promise<readonly Subject[]> {
  const { target, named } = looking
  if (target.kind !== 'installation' && named === undefined) return []
  const found =
    named !== undefined && isWorkload(target.kind) ? ofWorkload(target.kind, named, looking) : ofKind(looking)
  const rank = ({ isLive, pod }: Subject): number => (isLive ? troubleOf(pod) : TEMPLATE)
  return (await found).toSorted((one, other) => rank(one) - rank(other) || madeAt(other) - madeAt(one))
}

/** A workload's pods tell of today, its template of what comes: behind what does not run, before what runs. */
const TEMPLATE = 2.5
const madeAt = ({ pod }: Subject): number => createdAt(pod) ?? 0

function ofKind(looking: Looking): Promise<readonly Subject[]> {
  const { target, named = {} } = looking
  if (target.kind === 'pod') return Promise.resolve([liveSubject(target, named)])
  return target.kind === 'serviceaccount' ? ofAccount(named, looking) : ofNamespaces(looking)
}

const liveSubject = (target: Target, pod: JsonObject): Subject => ({
  title: titleOf(target, 'pod', namespaceOf(pod), nameOf(pod)),
  namespace: namespaceOf(pod),
  pod,
  isLive: true,
  renew: renewalOf(pod),
})

async function ofWorkload(kind: WorkloadKind, named: JsonObject, looking: Looking): Promise<readonly Subject[]> {
  const template = templateOf(kind, named, looking.target)
  const owners = new Set(
    [named, ...(await ownedBy(kind, named, looking))].map((each) => textAt(each, 'metadata', 'uid')),
  )
  const pods = await looking.cluster.list(podsPlace(namespaceOf(named)))
  const own = pods.filter((pod) => owners.has(controllerUidOf(pod) ?? ''))
  return [...template, ...own.map((pod) => liveSubject(looking.target, pod))]
}

/** What stands between a workload and its pods. */
async function ownedBy(kind: WorkloadKind, named: JsonObject, { cluster }: Looking): Promise<readonly JsonObject[]> {
  const between = kind === 'deployment' ? 'replicaset' : kind === 'cronjob' ? 'job' : undefined
  if (between === undefined) return []
  const all = await cluster.list(workloadsPlace(between, namespaceOf(named)))
  return all.filter((each) => controllerUidOf(each) === textAt(named, 'metadata', 'uid'))
}

/** The pod that a workload would make. Items of a list do not say what they are. */
export function templateOf(kind: WorkloadKind, object: JsonObject, target: Target): readonly Subject[] {
  const located = { object: { ...object, ...typeOf(kind) }, kind: typeOf(kind).kind, place: [] }
  const workload = workloadOf(located, namespaceOf(object))
  if (workload === undefined) return []
  const { namespace, name, pod } = workload
  const restarts = ['deployment', 'statefulset', 'daemonset'].includes(kind)
  const renew = restarts
    ? asCommand(`kubectl -n ${namespace} rollout restart ${kind}/${name}`)
    : `${asCommand(`kubectl -n ${namespace} replace --force -f FILE`)}, with ${kind}/${name}`
  return [
    {
      title: titleOf(target, kind, namespace, name),
      ...{ namespace, pod, isLive: false, renew },
    },
  ]
}

async function ofAccount(account: JsonObject, looking: Looking): Promise<readonly Subject[]> {
  const { cluster, target } = looking
  const pods = (await cluster.list(podsPlace(namespaceOf(account)))).filter(
    (pod) => serviceAccountOf(pod) === nameOf(account),
  )
  const asking = await askingAmong(pods, looking)
  return asking.length > 0 ? asking : [imagined(account, target)]
}

/** The pod that says no more than that it wants what its ServiceAccount says. */
function imagined(account: JsonObject, target: Target): Subject {
  const [namespace, name] = [namespaceOf(account), nameOf(account)]
  const containers = [{ name: 'app', image: 'app.invalid/app:1' }]
  return {
    title: titleOf(target, 'serviceaccount', namespace, name),
    namespace,
    pod: {
      metadata: { annotations: { 'lanyard.dev/inject': 'true' } },
      spec: { serviceAccountName: name, containers },
    },
    isLive: false,
    renew: `create a pod with serviceAccountName: ${name}`,
  }
}

async function ofNamespaces(looking: Looking): Promise<readonly Subject[]> {
  const { cluster, target } = looking
  const pods = await askingAmong(await cluster.list(podsPlace(target.namespace)), looking)
  const workloads = await listWorkloads(cluster, target.namespace)
  const lacking = workloads
    .filter(({ object }) => lacksPods(object))
    .flatMap(({ kind, object }) => templateOf(kind, object, target))
    .filter(({ pod }) => isOurs(pod))
  return [...pods, ...lacking]
}

/** ReplicaSets are many, and nearly all are a Deployment's. */
const LISTED = WORKLOAD_KINDS.filter((kind) => kind !== 'replicaset')

/** Those of a namespace or of all, as far as the caller may see them. */
export async function listWorkloads(
  cluster: ClusterPort,
  namespace: string | undefined,
): Promise<readonly { readonly kind: WorkloadKind; readonly object: JsonObject }[]> {
  const lists = await Promise.all(
    LISTED.map(async (kind) => {
      const objects = (await ifAllowed(cluster.list(workloadsPlace(kind, namespace)))) ?? []
      return objects.map((object) => ({ kind, object }))
    }),
  )
  return lists.flat()
}

/** How many looks at ServiceAccounts at a time. */
const FEW = 8

async function askingAmong(pods: readonly JsonObject[], { target, isMeant }: Looking): Promise<readonly Subject[]> {
  const subjects = pods.map((pod) => liveSubject(target, pod))
  const asking = await forAll(subjects, FEW, async (one) => isOurs(one.pod) || (await isMeant(one)))
  return subjects.filter((_, index) => asking[index])
}

/** Whether a workload that nobody keeps for somebody else has fewer pods than it should. */
function lacksPods(object: JsonObject): boolean {
  if (controllerUidOf(object) !== undefined) return false
  const wanted = numberAt(object, 'spec', 'replicas') ?? numberAt(object, 'status', 'desiredNumberScheduled')
  const there = numberAt(object, 'status', 'replicas') ?? numberAt(object, 'status', 'currentNumberScheduled') ?? 0
  if (wanted !== undefined) return there < wanted
  const ends = numberAt(object, 'spec', 'parallelism')
  const counted = ['active', 'succeeded', 'failed'].some((key) => (numberAt(object, 'status', key) ?? 0) > 0)
  return ends !== undefined && ends > 0 && !counted
}

/** Workloads that carry our annotations where nobody reads them: on themselves, and their pods say nothing. */
export const isMisplaced = (kind: WorkloadKind, object: JsonObject): boolean => {
  const located = { object: { ...object, ...typeOf(kind) }, kind: typeOf(kind).kind, place: [] }
  const workload = workloadOf(located, namespaceOf(object))
  return workload?.isMisplaced === true && Object.keys(annotationsOf(workload.pod)).every((name) => !isAnnotation(name))
}

const isAnnotation = (name: string): boolean => name.startsWith(ANNOTATION_PREFIX)
