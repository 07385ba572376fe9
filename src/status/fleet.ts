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

async function* listPods(reader: Reader, { namespace, selector }: Scope): AsyncIterable<readonly unknown[]> {
  const title = namespace === undefined ? 'pods of all namespaces' : `pods of namespace ${namespace}`
  const path = namespace === undefined ? '/api/v1/pods' : `/api/v1/${within(namespace)}/pods`
  const sizes = [...PAGES]
  for (let next: string | undefined = ''; next !== undefined; ) {
    const query = {
      limit: String(sizes[0]),
      ...(selector && { labelSelector: selector }),
      ...(next && { continue: next }),
    }
    try {
      const page = await reader.get({ path: `${path}?${new URLSearchParams(query)}`, title })
      yield listIn(page, 'items')
      next = textIn(objectIn(page, 'metadata'), 'continue')
    } catch (thrown) {
      if (sizes.length === 1 || toFailure(thrown).code !== 'ClusterAnswerInvalid') throw explained(thrown, title)
      sizes.shift()
    }
  }
}

/** A right that is missing here is the caller's own, not one that the chart could give back. */
function explained(thrown: unknown, field: string): unknown {
  const failure = toFailure(thrown)
  if (failure.code !== 'ClusterForbidden') return thrown
  const message = failure.problems[0]?.message ?? 'it is refused'
  const fix = 'Ask for the right to list pods there, or look at one namespace by -n NAME.'
  return new Failure({ code: 'RightsMissing', field, message, fix })
}

/** As the chart labels the Deployment. */
async function webhookVersion(reader: Reader, namespace: string): Promise<string | undefined> {
  const path = `/apis/apps/v1/${within(namespace)}/deployments/lanyard-webhook`
  const deployment = await reader.get({ path, title: `Deployment ${namespace}/lanyard-webhook` })
  return textIn(objectIn(objectIn(deployment, 'metadata'), 'labels'), 'app.kubernetes.io/version')
}
