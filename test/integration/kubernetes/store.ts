import { applyPatch, type Operation } from 'rfc6902'

export type Json = Record<string, unknown>
export type Stored = { metadata: { name: string; uid: string; resourceVersion: string } & Json } & Json
export type StoredEvent = {
  readonly version: number
  readonly path: string
  readonly type: string
  readonly object: Stored
}
export type Answered = { readonly code: number; readonly body: unknown }

/** The API server's own form of an error. */
export const statusOf = (code: number, message: string): Answered => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code },
})

export type Selects = (path: string) => boolean
export type Paging = { readonly limit: number; readonly token: string | undefined }
type Page = { readonly at: string; readonly rest: readonly Stored[] }

/** Objects by their path, with resource versions as an API server counts them, and a history that can be cut. */
export function createStore(onEvent: () => void) {
  const objects = new Map<string, Stored>()
  const history: StoredEvent[] = []
  let version = 100
  let oldest = 0

  const record = (type: string, path: string, object: Stored): Stored => {
    version += 1
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    if (type === 'DELETED') objects.delete(path)
    else objects.set(path, next)
    history.push({ version, path, type, object: next })
    onEvent()
    return next
  }
  const pages = new Map<string, Page>()
  const create = (path: string): Stored => {
    const namespace = /^\/api\/v1\/namespaces\/([^/]+)\/./.exec(path)?.[1]
    const name = path.split('/').at(-1) ?? ''
    const where = namespace === undefined ? {} : { namespace }
    return { metadata: { name, ...where, uid: `uid-${version}`, resourceVersion: '' } }
  }
  /** Later pages are of the same moment as the first, as the API server's are. */
  const takePage = ({ at, rest }: Page, limit: number): Answered => {
    const metadata: Json = { resourceVersion: at }
    if (rest.length > limit) {
      const token = `page-${at}-${rest.length}`
      pages.set(token, { at, rest: rest.slice(limit) })
      Object.assign(metadata, { continue: token, remainingItemCount: rest.length - limit })
    }
    return { code: 200, body: { kind: 'List', metadata, items: rest.slice(0, limit) } }
  }
  return {
    version: () => String(version),
    get: (path: string) => objects.get(path),
    /** Creates or changes an object. */
    put: (path: string, content: Json = {}) => {
      const known = objects.get(path)
      record(known === undefined ? 'ADDED' : 'MODIFIED', path, { ...(known ?? create(path)), ...content })
    },
    /** Creates an object with these annotations, or changes them all. */
    annotate: (path: string, annotations: Json) => {
      const known = objects.get(path)
      const { metadata, ...rest } = known ?? create(path)
      record(known === undefined ? 'ADDED' : 'MODIFIED', path, { ...rest, metadata: { ...metadata, annotations } })
    },
    remove: (path: string) => void record('DELETED', path, objects.get(path) ?? create(path)),
    /** What happened up to now cannot be watched any more. */
    compact: () => {
      version += 1
      oldest = version
    },
    isTooOld: (from: string) => Number(from) < oldest,
    since: (from: number) => history.filter((event) => event.version > from),
    read: (path: string): Answered => {
      const body = objects.get(path)
      return body === undefined ? statusOf(404, `${path} not found`) : { code: 200, body }
    },
    list: (selects: Selects, { limit, token }: Paging): Answered => {
      if (token !== undefined) {
        const page = pages.get(token)
        return page === undefined ? statusOf(410, 'the continue token is too old') : takePage(page, limit)
      }
      const rest = [...objects].flatMap(([path, object]) => (selects(path) ? [object] : []))
      return takePage({ at: String(version), rest }, limit)
    },
    /** No list that has begun can be read on. */
    expirePages: () => pages.clear(),
    patch: (path: string, patch: string): Answered => {
      const found = objects.get(path)
      if (found === undefined) return statusOf(404, `${path} not found`)
      const changed = structuredClone(found)
      const troubles = applyPatch(changed, JSON.parse(patch) as Operation[]).filter((each) => each !== null)
      if (troubles.length > 0) return statusOf(422, 'the server rejected our request due to an error in our request')
      const isCurrent = changed.metadata.resourceVersion === found.metadata.resourceVersion
      if (!isCurrent) return statusOf(409, 'the object has been modified')
      return { code: 200, body: record('MODIFIED', path, changed) }
    },
  }
}
