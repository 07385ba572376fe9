import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { TestbedError } from '../errors.ts'
import type { Sts } from '../sts/server.ts'
import { readFault } from './readFault.ts'

/** What {@link startControl} needs. */
export type ControlOptions = {
  sts: Pick<Sts, 'faults' | 'requests'>
  host: string
  /** 0 takes a free one. */
  port: number
  /** PEM of the authority that clients have to trust, where there is one to tell of. */
  ca?: string
  /** Where users get their access tokens, by the names of their providers. */
  logins?: ReadonlyMap<string, IssueToken>
}

/** Issues an access token of a user; `app` is another app's id. */
export type IssueToken = (user: string, options: { expiresIn?: number; appId?: string }) => string

/** A running control server. */
export type Control = {
  port: number
  /** Stops listening and destroys open connections. */
  stop(): Promise<void>
}

const bodyLimit = 16 * 1024
/** So that a script gone wild does not fill the memory. */
const mostQueued = 100

class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Not by `for await`, which would destroy the connection before the answer. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= bodyLimit) chunks.push(chunk)
      else reject(new Refusal(413, `the body has over ${bodyLimit} bytes`))
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'the body must be JSON')
  }
}

/** The number of requests that a fault is for, where the address has one. */
function readNext(query: URLSearchParams): number | undefined {
  const [[name, value] = [], ...others] = [...query]
  if (name === undefined) return undefined
  const count = Number(value)
  if (name === 'next' && others.length === 0 && Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new Refusal(400, 'the query may be next=N, N being 1 to 1000 requests, and nothing else')
}

/** What is asked about. */
type Subject = Pick<ControlOptions, 'sts' | 'ca' | 'logins'>
type Call = Subject & { request: IncomingMessage; query: URLSearchParams }
/** JSON, or PEM as it is. */
type Content = object | string

async function addFault({ request, query, sts: { faults } }: Call): Promise<object> {
  const count = readNext(query)
  const fault = readFault(parseJson(await readBody(request)))
  if (count === undefined) faults.set(fault)
  else if (faults.list().next.length < mostQueued) faults.next(count, fault)
  else throw new Refusal(409, `${mostQueued} faults are queued already; clear them`)
  return faults.list()
}

function clearFaults({ sts: { faults } }: Call): object {
  faults.clear()
  return faults.list()
}

function tellAuthority({ ca }: Call): string {
  if (ca === undefined) throw new Refusal(404, 'there is no authority here: whoever gave the certificate has it')
  return ca
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 255

/** `{"user":"…","expiresIn":60,"appId":"…"}`, the last two optional. */
async function login(name: string, { request, logins }: Call): Promise<object> {
  const issue = logins?.get(name)
  if (issue === undefined) throw new Refusal(404, `the login ${name} is not stood in for here`)
  const wanted = parseJson(await readBody(request))
  if (typeof wanted !== 'object' || wanted === null) throw new Refusal(400, 'the body must be a JSON object')
  const { user, expiresIn, appId, ...others } = wanted as Record<string, unknown>
  if (Object.keys(others).length > 0) throw new Refusal(400, 'the fields are user, expiresIn and appId')
  if (!isText(user)) throw new Refusal(400, 'user: must be a text of at most 255 characters')
  if (expiresIn !== undefined && !Number.isInteger(expiresIn))
    throw new Refusal(400, 'expiresIn: must be whole seconds')
  if (appId !== undefined && !isText(appId)) throw new Refusal(400, 'appId: must be a text of at most 255 characters')
  const token = issue(user, {
    ...(expiresIn !== undefined && { expiresIn: Number(expiresIn) }),
    ...(appId !== undefined && { appId }),
  })
  return { token }
}

type Route = (call: Call) => Content | Promise<Content>

/** By path and method. Whoever has but kubectl, whose raw requests are GET and POST, clears by POST. */
const routes: ReadonlyMap<string, Readonly<Record<string, Route>>> = new Map([
  ['/healthz', { GET: () => ({ ok: true }) }],
  ['/ca.crt', { GET: tellAuthority }],
  ['/requests', { GET: ({ sts }: Call) => sts.requests }],
  ['/faults', { GET: ({ sts }: Call) => sts.faults.list(), POST: addFault, DELETE: clearFaults }],
  ['/faults/clear', { POST: clearFaults }],
  ['/logins/amazon', { POST: (call: Call) => login('amazon', call) }],
  ['/logins/facebook', { POST: (call: Call) => login('facebook', call) }],
])

async function answer(request: IncomingMessage, subject: Subject): Promise<Content> {
  const { method = '', url = '/' } = request
  const [path = '', ...rest] = url.split('?')
  const methods = routes.get(path)
  if (methods === undefined) throw new Refusal(404, `there is nothing here; ${[...routes.keys()].join(', ')} are`)
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (route === undefined) throw new Refusal(405, `the methods here are ${Object.keys(methods).join(', ')}`)
  return route({ ...subject, request, query: new URLSearchParams(rest.join('?')) })
}

/** In the form of a Kubernetes Status: through an API server's proxy, kubectl shows the message of nothing else. */
function refusal(code: number, message: string): [status: number, content: object] {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message }]
}

function refuse(error: unknown): [status: number, content: object] {
  if (error instanceof Refusal) return refusal(error.status, error.message)
  return error instanceof TestbedError ? refusal(400, error.message) : refusal(500, 'failed')
}

async function handle(request: IncomingMessage, response: ServerResponse, subject: Subject): Promise<void> {
  const [status, content] = await answer(request, subject).then((value): [number, Content] => [200, value], refuse)
  // A client that is still sending could not read the answer otherwise, and must not use the connection again.
  if (!request.complete) response.setHeader('Connection', 'close')
  request.resume()
  const isPem = typeof content === 'string'
  response.writeHead(status, { 'Content-Type': isPem ? 'application/x-pem-file' : 'application/json' })
  response.end(isPem ? content : `${JSON.stringify(content)}\n`)
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/**
 * Starts the control server of an STS that runs as a process of its own: plain HTTP, JSON, no authentication. Whoever
 * reaches it can break the STS and log in as any user of the logins that it stands in for, but learns no other token and
 * no key.
 * @throws the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startControl({ host, port, ...subject }: ControlOptions): Promise<Control> {
  const timeouts = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 }
  const server = createServer(timeouts, (request, response) => void handle(request, response, subject))
  server.maxConnections = 100
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  // Out of file descriptors, for example: one connection is lost, not the process.
  server.on('error', () => {})
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return { port: bound, stop: () => stop(server) }
}
