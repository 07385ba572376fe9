import { parseObject } from '../../json/index.ts'
import { startDeadline } from '../deadline.ts'
import { answerWithin, mostItemBytes, readAnswer } from '../exchange.ts'
import { explainThrown, invalidAnswer, outOfTime } from '../explain.ts'
import { objectAt, versionOf } from '../json.ts'
import { failed, judge } from '../judge.ts'
import type { Cluster, ClusterRequest, Milliseconds, Reply } from '../types.ts'
import { createItemSplitter } from './items.ts'
import { type Collection, type Follower, type Listing, refused, requestFor, type TurnEnd } from './types.ts'

/** Lists the collection and tells of it, page by page where it has a page size. Never rejects. */
export async function list(
  cluster: Cluster,
  collection: Collection,
  follower: Follower,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const { pageSize, mentions } = collection
  const limit = pageSize === undefined ? {} : { limit: String(pageSize) }
  const listing = follower.listing()
  let request = requestFor('list', collection, limit)
  let page = await ask(cluster, { request, mentions, listing }, signal)
  // The first page's: what changed since is told by the watch.
  const version = page.kind === 'page' ? page.version : ''
  while (page.kind === 'page' && page.token !== undefined) {
    const { token } = page
    request = requestFor('list', collection, { ...limit, continue: token })
    page = await ask(cluster, { request, mentions, listing }, signal)
    if (page.kind === 'page' && page.token === token) return failed(invalidAnswer(request, 'the list does not go on'))
  }
  if (page.kind !== 'page') return page
  try {
    listing.end()
    follower.synced()
    return { kind: 'ended', version }
  } catch (thrown) {
    return failed(explainThrown(thrown, request))
  }
}

type Page = { readonly kind: 'page'; readonly version: string; readonly token: string | undefined }

type Asking = {
  readonly request: ClusterRequest
  readonly mentions: Collection['mentions']
  readonly listing: Listing
}

/** Asks for a page and adds what is on it, as it comes. */
async function ask(
  cluster: Cluster,
  { request, mentions, listing }: Asking,
  signal: AbortSignal,
): Promise<Page | TurnEnd> {
  const deadline = startDeadline(cluster.clock, answerWithin, signal)
  try {
    const reply = await cluster.open(request, deadline.signal)
    if (reply.status !== 200) return refused(judge(await readAnswer(reply, request), request), request)
    const page = await readPage(reply, { request, mentions, listing, renew: deadline.renew })
    return signal.aborted ? { kind: 'gone' } : page
  } catch (thrown) {
    return failed(deadline.expired() ? outOfTime(request, answerWithin) : explainThrown(thrown, request))
  } finally {
    deadline.end()
  }
}

type Reading = Asking & { readonly renew: (after: Milliseconds) => void }

async function readPage({ body }: Reply, { request, mentions, listing, renew }: Reading): Promise<Page> {
  let count = 0
  const take = (bytes: Buffer): void => {
    count += 1
    if (mentions?.some((text) => bytes.includes(text)) === false) return
    const item = parseObject(bytes.toString('utf8'))
    if (item === undefined) throw noList(request)
    listing.add(item)
  }
  const trouble = (): Error => invalidAnswer(request, `the answer is longer than ${mostItemBytes} bytes`)
  const { push, rest } = createItemSplitter(take, { longest: mostItemBytes, trouble })
  for await (const piece of body) {
    // A page may be as long as it likes, if only it goes on.
    renew(answerWithin)
    push(piece)
  }
  return parsePage(rest(), count, request)
}

function parsePage(text: string, count: number, request: ClusterRequest): Page {
  const answer = parseObject(text)
  const version = versionOf(answer)
  const items = answer?.['items'] ?? []
  const token = objectAt(answer, 'metadata')?.['continue'] ?? ''
  const areItems = Array.isArray(items) && items.length === count && items.every((each) => each === 0)
  if (version === undefined || !areItems || typeof token !== 'string') throw noList(request)
  return { kind: 'page', version, token: token === '' ? undefined : token }
}

const noList = (request: ClusterRequest): Error => invalidAnswer(request, 'the answer is no list')
