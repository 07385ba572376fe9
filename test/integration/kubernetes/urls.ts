import type { Json, Paging, Selects } from './store.ts'

/** The collections that are listed across all namespaces. */
const wholes: Readonly<Record<string, RegExp>> = {
  '/api/v1/serviceaccounts': /^\/api\/v1\/namespaces\/[^/]+\/serviceaccounts\/[^/]+$/,
  '/api/v1/namespaces': /^\/api\/v1\/namespaces\/[^/]+$/,
}

type Asked = {
  readonly pathname: string
  /** Undefined where a single object is asked for. */
  readonly selects: Selects | undefined
  /** The version to watch from. */
  readonly watched: string | undefined
  readonly paging: Paging
}

export function readUrl(url = ''): Asked {
  const { pathname, searchParams } = new URL(url, 'https://api')
  const name = /^metadata\.name=(.+)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1]
  const whole = wholes[pathname]
  const ofAll: Selects | undefined = whole === undefined ? undefined : (path) => whole.test(path)
  return {
    pathname,
    selects: name === undefined ? ofAll : (path) => path === `${pathname}/${name}`,
    watched: searchParams.get('watch') === 'true' ? (searchParams.get('resourceVersion') ?? '') : undefined,
    paging: {
      limit: Number(searchParams.get('limit') ?? Number.POSITIVE_INFINITY),
      token: searchParams.get('continue') ?? undefined,
    },
  }
}

export type Shape = (body: Json) => Json

export const asItIs: Shape = (body) => body

/** Of objects their metadata alone, if that is what is accepted. */
export function shapeOf(accept = ''): Shape {
  const kind = /^application\/json;as=(PartialObjectMetadata(?:List)?);g=meta\.k8s\.io;v=v1$/.exec(accept)?.[1]
  const partOf: Shape = ({ metadata }) => ({ kind: 'PartialObjectMetadata', metadata })
  if (kind === undefined) return asItIs
  return kind === 'PartialObjectMetadata'
    ? partOf
    : ({ metadata, items }) => ({ kind, metadata, items: (items as Json[]).map(partOf) })
}
