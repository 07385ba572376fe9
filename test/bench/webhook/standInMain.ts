/** What an API server answers to who lists, watches and gets ServiceAccounts and namespaces as metadata. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { accountName, annotatedNames, NAMESPACE, SILENT_NAMESPACE } from './standIn.ts'

type Told = {
  readonly pair: { readonly cert: string; readonly key: string }
  readonly accounts: number
  readonly annotated: number
}

/** As an API server sends them. */
const BOOKMARK_EVERY = 60_000

process.once('message', ({ pair, accounts, annotated }: Told) => {
  const names = new Set(annotatedNames(accounts, annotated))
  const collections = new Map([
    ['/api/v1/serviceaccounts', (index: number) => account(accountName(index), names)],
    ['/api/v1/namespaces', (index: number) => namespace(namespaces[index] ?? '')],
  ])
  const sizes = new Map([
    ['/api/v1/serviceaccounts', accounts],
    ['/api/v1/namespaces', namespaces.length],
  ])
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    const item = collections.get(pathname)
    const name = pathname.split('/').at(-1) ?? ''
    if (searchParams.get('watch') === 'true') watch(response)
    else if (item !== undefined)
      send(
        response,
        pageText(url, () => page(searchParams, sizes.get(pathname) ?? 0, item)),
      )
    else send(response, JSON.stringify(namespaces.includes(name) ? namespace(name) : account(name, names)))
  }
  const server = createServer(pair, answer)
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})

const metadata = (name: string, more: object): object => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata: {
    name,
    uid: crypto.randomUUID(),
    resourceVersion: '1000',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'Helm' },
    ...more,
    managedFields: [
      { manager: 'helm', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1' },
    ],
  },
})

const account = (name: string, annotated: ReadonlySet<string>): object =>
  metadata(name, {
    namespace: NAMESPACE,
    annotations: {
      'meta.helm.sh/release-name': name,
      ...(annotated.has(name) && { 'lanyard.dev/role-arn': `arn:aws:iam::111122223333:role/${name}` }),
    },
  })

const namespaces: readonly string[] = [NAMESPACE, SILENT_NAMESPACE]
const permitted = { 'lanyard.dev/permitted-roles': 'arn:aws:iam::111122223333:role/*' }

const namespace = (name: string): object => metadata(name, { annotations: name === NAMESPACE ? permitted : {} })

/** Written once: an API server has its objects at hand as well, and who waits is the webhook. */
const pages = new Map<string, string>()
function pageText(url: string, make: () => object): string {
  const text = pages.get(url) ?? JSON.stringify(make())
  pages.set(url, text)
  return text
}

function page(query: URLSearchParams, size: number, item: (index: number) => object): object {
  const from = Number(query.get('continue') ?? 0)
  const to = Math.min(size, from + Number(query.get('limit') ?? size))
  const items = Array.from({ length: to - from }, (_, index) => item(from + index))
  const more = to < size ? { continue: String(to), remainingItemCount: size - to } : {}
  return {
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadataList',
    metadata: { resourceVersion: '1000', ...more },
    items,
  }
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const bookmark = JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '1000' } } })
  const tell = (): void => void response.write(`${bookmark}\n`)
  tell()
  const timer = setInterval(tell, BOOKMARK_EVERY)
  response.on('close', () => clearInterval(timer))
}

const send = (response: ServerResponse, text: string): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(text)
