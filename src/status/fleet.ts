import { Failure, toFailure } from '../errors/index.ts'
import type { JsonObject } from '../json/index.ts'
import { listIn, objectIn, textIn } from './json.ts'
import type { Fleet, Target } from './types.ts'

/** Where something is: its path, with its query, and what messages call it. */
type Place = { readonly path: string; readonly title: string }

/** What is needed of an API server; both reject with a Failure of the area `cluster`. */
export type Reader = {
  /** One attempt; undefined where it is not there. */
  readonly get: (place: Place) => Promise<JsonObject | undefined>
  readonly text: (place: Place, signal: AbortSignal) => Promise<string>
}

export type Scope = {
  /** Undefined for all. */
  readonly namespace: string | undefined
  /** In Kubernetes' grammar of label selectors. */
  readonly selector: string | undefined
  readonly systemNamespace: string
}

/** The pods of a cluster, as its API server tells of them. */
export function fleetOf(reader: Reader, scope: Scope): Fleet {
  return {
    pods: () => listPods(reader, scope),
    metrics: (target, signal) => reader.text(metricsOf(target), signal),
    version: () => webhookVersion(reader, scope.systemNamespace).catch(() => undefined),
  }
}

const within = (namespace: string): string => `namespaces/${encodeURIComponent(namespace)}`

const metricsOf = ({ namespace, pod, port }: Target): Place => ({
  path: `/api/v1/${within(namespace)}/pods/${encodeURIComponent(pod)}:${port}/proxy/metrics`,
  title: `metrics of Pod ${namespace}/${pod}`,
})

/**
 * So many pods a page, and what is tried where a page was too long to be read: one with an identity provider's documents in
 * it has ten times the size of a plain one.
 */
const PAGES = [200, 25, 5] as const

async function* listPods(reader: Reader, scope: Scope): AsyncIterable<readonly unknown[]> {
  const { namespace } = scope
  let isAny = false
  for await (const items of pagesOf(reader, scope)) {
    isAny ||= items.length > 0
    yield items
  }
  if (!isAny && namespace !== undefined) await requireNamespace(reader, namespace)
}

async function* pagesOf(reader: Reader, scope: Scope): AsyncIterable<readonly unknown[]> {
  const { namespace } = scope
  const title = namespace === undefined ? 'pods of all namespaces' : `pods of namespace ${namespace}`
  const path = namespace === undefined ? '/api/v1/pods' : `/api/v1/${within(namespace)}/pods`
  const sizes = [...PAGES]
  for (let next: string | undefined = ''; next !== undefined; ) {
    try {
      const page = await reader.get({ path: `${path}?${queryOf(sizes[0], scope, next)}`, title })
      yield listIn(page, 'items')
      next = textIn(objectIn(page, 'metadata'), 'continue')
    } catch (thrown) {
      const failure = explained(thrown, { title, selector: next === '' ? scope.selector : undefined })
      if (sizes.length === 1 || failure.code !== 'ClusterAnswerInvalid') throw failure
      sizes.shift()
    }
  }
}

const queryOf = (size: number | undefined, { selector }: Scope, next: string): URLSearchParams =>
  new URLSearchParams({
    limit: String(size),
    ...(selector && { labelSelector: selector }),
    ...(next && { continue: next }),
  })

/** Of a namespace that is not there the API server lists no pods either. Who may not read namespaces is told of none. */
async function requireNamespace(reader: Reader, namespace: string): Promise<void> {
  const place = { path: `/api/v1/${within(namespace)}`, title: `Namespace ${namespace}` }
  try {
    if ((await reader.get(place)) !== undefined) return
  } catch (thrown) {
    if (toFailure(thrown).code === 'ClusterForbidden') return
    throw thrown
  }
  throw new Failure({
    code: 'TargetMissing',
    field: `namespace ${namespace}`,
    message: 'there is none in this cluster',
    fix: "Look at the spelling of -n NAME, and at the kubeconfig's context: kubectl get namespaces lists those that there are.",
  })
}

type Listing = { readonly title: string; readonly selector: string | undefined }

/** A right that is missing here is the caller's own, not one that the chart could give back; and so is a selector. */
function explained(thrown: unknown, { title, selector }: Listing): Failure {
  const failure = toFailure(thrown)
  const message = failure.problems[0]?.message ?? 'it is refused'
  if (failure.code === 'ClusterAnswerInvalid' && selector) return refusedSelector(message, selector) ?? failure
  if (failure.code !== 'ClusterForbidden') return failure
  const fix = 'Ask for the right to list pods there, or look at one namespace by -n NAME.'
  return new Failure({ code: 'RightsMissing', field: title, message, fix })
}

/** The grammar is the API server's, which says by HTTP 400 what it cannot read in a selector. */
function refusedSelector(message: string, selector: string): Failure | undefined {
  const words = /HTTP 400(?:: (.*))?$/s.exec(message)
  if (words === null) return undefined
  return new Failure({
    code: 'SettingInvalid',
    field: '--selector',
    message: `Kubernetes cannot read ${JSON.stringify(selector.slice(0, 80))}: ${words[1] ?? 'it says no more'}`,
    fix: "Write it like -l app=web,tier!=test or -l 'app in (web, api)'",
  })
}

/** As the chart labels its Deployment, whatever the release is called. */
const WEBHOOK = 'app.kubernetes.io/part-of=lanyard,app.kubernetes.io/component=webhook'

/** Of several releases that differ none is that of the pods. */
async function webhookVersion(reader: Reader, namespace: string): Promise<string | undefined> {
  const path = `/apis/apps/v1/${within(namespace)}/deployments?${new URLSearchParams({ labelSelector: WEBHOOK })}`
  const list = await reader.get({ path, title: `deployments of namespace ${namespace}` })
  const versions = listIn(list, 'items').map((each) =>
    textIn(objectIn(objectIn(each, 'metadata'), 'labels'), 'app.kubernetes.io/version'),
  )
  return new Set(versions).size === 1 ? versions[0] : undefined
}
