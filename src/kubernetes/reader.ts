import { toFailure } from '../errors/index.ts'
import { isObject, type JsonObject, parseObject } from '../json/index.ts'
import { startDeadline } from './deadline.ts'
import { answerWithin, askOnce, failureIn, readAnswer } from './exchange.ts'
import { explainEnd, invalidAnswer } from './explain.ts'
import { objectAt } from './json.ts'
import { type Answer, judge } from './judge.ts'
import type { Cluster, ClusterRequest } from './types.ts'

/** Where something is: its path, with its query, and what messages call it (`Pod shop/web`). */
export type Place = { readonly path: string; readonly title: string }

/** What was answered to an object that was sent: also a refusal is an answer. */
export type Created = {
  readonly status: number
  /** The object, or a Status (meta/v1) that says why not. */
  readonly value: JsonObject
}

/**
 * What commands ask of a cluster, once each, by the caller's own rights. All reject with a Failure of the area `cluster`
 * where there is no answer that can be used.
 */
export type ClusterReader = {
  /** Undefined where it is not there. */
  readonly get: (place: Place) => Promise<JsonObject | undefined>
  /** All of a collection, page by page. */
  readonly list: (place: Place) => Promise<readonly JsonObject[]>
  /** Whatever text is there: a log, a pod's metrics through its proxy. */
  readonly text: (place: Place) => Promise<string>
  /** For what the API server does not keep: reviews, requests for a token, dry runs. */
  readonly create: (place: Place, object: JsonObject) => Promise<Created>
}

/** How many a page, and what is tried where one is longer than may be read: pods of providers have ten times the usual size. */
const PAGES = [500, 100, 20, 4] as const
/** Of a server that goes on for ever. */
const MOST_PAGES = 5_000
/** The subresource of pods that leads to a port of theirs. */
const PROXY = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/proxy\//

export function clusterReader(cluster: Cluster): ClusterReader {
  const getOnce = async (request: ClusterRequest): Promise<JsonObject> => {
    const outcome = await askOnce(cluster, request, cluster.closed)
    if (outcome.kind === 'answered') return outcome.value
    throw failureIn(outcome, request)
  }
  /** Takes a smaller page where one cannot be read, from then on. */
  const getPage = async (place: Place, sizes: number[], next: string | undefined): Promise<JsonObject> => {
    for (;;) {
      try {
        return await getOnce(asking('list', { ...place, path: paged(place.path, sizes[0] ?? 1, next) }))
      } catch (thrown) {
        if (toFailure(thrown).code !== 'ClusterAnswerInvalid' || sizes.length === 1) throw thrown
        sizes.shift()
      }
    }
  }
  return {
    get: async (place) => {
      const request = asking('get', place)
      const answer = await send(cluster, request)
      if (answer.status === 404 && parseObject(answer.text)?.['kind'] === 'Status') return undefined
      return objectIn(answer, request)
    },
    list: async (place) => {
      const items: JsonObject[] = []
      const sizes: number[] = [...PAGES]
      let next: string | undefined
      for (let count = 0; count < MOST_PAGES; count += 1) {
        const page = await getPage(place, sizes, next)
        if (!Array.isArray(page['items'])) throw invalidAnswer(asking('list', place), 'the answer has no items')
        items.push(...page['items'].filter(isObject))
        next = continueOf(page)
        if (next === undefined) return items
      }
      throw invalidAnswer(asking('list', place), `it has more than ${MOST_PAGES} pages`)
    },
    text: (place) => readText(cluster, place),
    create: async (place, object) => {
      const request: ClusterRequest = { ...asking('create', place), object: JSON.stringify(object) }
      const { status, text } = await send(cluster, request)
      const value = parseObject(text)
      if (value === undefined) throw invalidAnswer(request, `HTTP ${status} with something else than a JSON object`)
      return { status, value }
    },
  }
}

async function readText(cluster: Cluster, place: Place): Promise<string> {
  const request: ClusterRequest = { ...asking('get', place), anyText: true, isRelayed: PROXY.test(place.path) }
  const answer = await send(cluster, request)
  if (answer.status === 200) return answer.text
  throw failureIn(judge(answer, request), request)
}

const asking = (verb: ClusterRequest['verb'], place: Place): ClusterRequest => ({
  ...place,
  verb,
  keepConnection: true,
})

function objectIn(answer: Answer, request: ClusterRequest): JsonObject {
  const outcome = judge(answer, request)
  if (outcome.kind === 'answered') return outcome.value
  throw failureIn(outcome, request)
}

/** One attempt: whoever waits at a terminal sees what is, and can ask again. */
async function send(cluster: Cluster, request: ClusterRequest): Promise<Answer> {
  const deadline = startDeadline(cluster.clock, answerWithin, cluster.closed)
  try {
    return await readAnswer(await cluster.open(request, deadline.signal), request)
  } catch (thrown) {
    throw explainEnd(thrown, request, deadline.expired() ? answerWithin : undefined)
  } finally {
    deadline.end()
  }
}

function paged(path: string, size: number, next: string | undefined): string {
  const query = new URLSearchParams({ limit: String(size), ...(next !== undefined && { continue: next }) })
  return `${path}${path.includes('?') ? '&' : '?'}${query}`
}

function continueOf(page: JsonObject): string | undefined {
  const next = objectAt(page, 'metadata')?.['continue']
  return typeof next === 'string' && next !== '' ? next : undefined
}
