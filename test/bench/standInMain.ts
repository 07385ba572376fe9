/** What an API server answers to who lists, watches and gets ServiceAccounts and namespaces as metadata. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { accountName, annotatedNames, NAMESPACE } from './standIn.ts'

type Told = {
  readonly pair: { readonly cert: string; readonly key: string }
  readonly accounts: number
  readonly annotated: number
}

const BOOKMARK_EVERY = 10_000

process.once('message', ({ pair, accounts, annotated }: Told) => {
  const names = new Set(annotatedNames(accounts, annotated))
  const collections = new Map([
    ['/api/v1/serviceaccounts', (index: number) => account(accountName(index), names)],
    ['/api/v1/namespaces', () => namespace()],
  ])
  const sizes = new Map([
    ['/api/v1/serviceaccounts', accounts],
    ['/api/v1/namespaces', 1],
  ])
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    const item = collections.get(pathname)
    const name = /\/serviceaccounts\/(.+)$/.exec(pathname)?.[1]
    if (searchParams.get('watch') === 'true') watch(response)
    else if (item !== undefined) send(response, page(searchParams, sizes.get(pathname) ?? 0, item))
    else send(response, name === undefined ? namespace() : account(name, names))
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

const namespace = (): object => metadata(NAMESPACE, { annotations: {} })

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

const send = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
