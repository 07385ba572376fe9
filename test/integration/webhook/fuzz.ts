import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Admit, createWebhook } from '../../../src/webhook/index.ts'
import { type Json, memoryLog, memoryMetrics, pod, review } from '../../unit/webhook/reviews.ts'
import { open, type Reply } from './client.ts'

type Path = readonly (string | number)[]

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    '\u0000',
    '\r\n',
    '\u001b[2J',
    '__proto__',
    '$(HOME)',
    '{pod}',
    '~1',
    'x'.repeat(5_000),
    '\ud800',
  ),
)
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, [], {}, [[]], [null], { length: 1 }),
)

/** Every place of a value, containers included. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  const keys: Path = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return [at, ...keys.flatMap((key) => pathsIn(Reflect.get(value, key), [...at, key]))]
}

/** The value with what is at the path replaced, or taken out. */
function changed(value: unknown, path: Path, change: { put: unknown } | 'remove'): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change === 'remove' ? undefined : change.put
  if (typeof value !== 'object' || value === null) return value
  const copy: object = Array.isArray(value) ? [...value] : { ...value }
  const next = changed(Reflect.get(value, key), rest, change)
  if (next === undefined) Reflect.deleteProperty(copy, key)
  else Reflect.set(copy, key, next)
  return copy
}

/** A review around the object with one to three of its places changed: wrong types everywhere, keys missing. */
const mutated = (objects: readonly Json[]) =>
  fc.constantFrom(...objects).chain((object) => {
    const valid = review({ object })
    const mutation = fc.record({
      path: fc.constantFrom(...pathsIn(valid).filter((path) => path.length > 0)),
      change: fc.oneof(
        anything.map((put) => ({ put })),
        fc.constant('remove' as const),
      ),
    })
    return fc
      .array(mutation, { minLength: 1, maxLength: 3 })
      .map((mutations) => mutations.reduce<unknown>((value, { path, change }) => changed(value, path, change), valid))
  })

const annotated = (objects: readonly Json[]) =>
  fc
    .tuple(fc.constantFrom(...objects), fc.dictionary(hostileText, anything))
    .map(([object, annotations]) => review({ object: { ...object, metadata: { annotations } } }))

const nested = fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom('[', '{"a":')).map(([depth, opening]) => {
  const closing = opening === '[' ? ']' : '}'
  const deep = `${opening.repeat(depth)}1${closing.repeat(depth)}`
  return JSON.stringify(review({ object: 'DEEP' })).replace('"DEEP"', `{"spec":${deep}}`)
})

const prototypes = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty').chain((key) =>
  anything.map((value) => {
    const entry = `${JSON.stringify(key)}:${JSON.stringify(value)},`
    return JSON.stringify(review()).replaceAll('{', `{${entry}`).replaceAll(',}', '}')
  }),
)

/** Bodies as text: random JSON, mutated reviews of the objects, truncated, deep, with names of prototypes, bytes. */
export function bodies(objects: readonly Json[] = [pod()]): fc.Arbitrary<string> {
  const asText = (arbitrary: fc.Arbitrary<unknown>) => arbitrary.map((value) => JSON.stringify(value) ?? '')
  const valid = objects.map((object) => JSON.stringify(review({ object })))
  const truncated = fc
    .tuple(fc.constantFrom(...valid), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([text, part]) => text.slice(0, Math.floor(text.length * part)))
  return fc.oneof(
    { weight: 60, arbitrary: asText(mutated(objects)) },
    { weight: 15, arbitrary: asText(annotated(objects)) },
    { weight: 10, arbitrary: truncated },
    { weight: 5, arbitrary: asText(fc.jsonValue()) },
    { weight: 4, arbitrary: prototypes },
    { weight: 4, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: nested },
  )
}

/** Throws unless it is an AdmissionReview v1 with a decision, or our refusal. */
function check({ status, text, json }: Reply, sent: string): 'review' | 'refusal' {
  const answer = json()
  if (status !== 200) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(Object.keys(answer).sort()).toEqual(['code', 'fix', 'message'])
    return 'refusal'
  }
  const response = answer['response'] as Json
  expect(answer).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })
  expect(typeof response['allowed']).toBe('boolean')
  expect(response['uid']).toBe(JSON.parse(sent).request.uid)
  expect(response['allowed'] === true || typeof (response['status'] as Json)['message'] === 'string').toBe(true)
  if ('patch' in response)
    expect(Array.isArray(JSON.parse(Buffer.from(String(response['patch']), 'base64').toString()))).toBe(true)
  expect(text.length).toBeLessThan(10_000_000)
  return 'review'
}

export type FuzzResult = { reviews: number; refusals: number; errors: number; connections: number }

/**
 * Sends `runs` bodies over one connection to a webhook that decides by `admit`; every answer must be a valid review or
 * a refusal. `objects` are the pods that are mutated. Errors are the reviews that `admit` failed in.
 */
export async function fuzzWebhook(options: {
  admit: Admit
  runs: number
  objects?: readonly Json[]
}): Promise<FuzzResult> {
  const metrics = memoryMetrics()
  const app = createWebhook({ admit: options.admit, log: memoryLog(), metrics, now: Date.now, maxBodyBytes: 1_000_000 })
  const server = createServer(app)
  const result = { reviews: 0, refusals: 0, errors: 0, connections: 0 }
  server.on('connection', () => {
    result.connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    const property = fc.asyncProperty(bodies(options.objects), async (body) => {
      const { request, reply } = open({ port, agent })
      request.end(body)
      const kind = check(await reply, body)
      result[kind === 'review' ? 'reviews' : 'refusals'] += 1
    })
    await fc.assert(property, { numRuns: options.runs })
  } finally {
    agent.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { ...result, errors: metrics.counted.filter(([outcome]) => outcome === 'error').length }
}
