import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { review } from '../../unit/webhook/reviews.ts'
import { open } from './client.ts'
import { start } from './plainServer.ts'

/** As API servers write it, and as nobody does: the second one goes through express. */
const USUAL = { 'content-type': 'application/json' }
const OTHER = { 'content-type': 'application/json; charset=utf-8' }

const text = JSON.stringify(review())
const bodies: Readonly<Record<string, string | Buffer>> = {
  'a review': text,
  'a review of another version': JSON.stringify(review({}, { apiVersion: 'admission.k8s.io/v2' })),
  'a review behind a byte order mark': `\ufeff${text}`,
  'a review among blanks': ` \r\n\t${text}\n`,
  'what is not UTF-8': Buffer.from(text.replace('shop', 'sh\u00f6p'), 'latin1'),
  'half a review': text.slice(0, 100),
  'two reviews': text + text,
  'a text': '"review"',
  'a number': '7',
  nothing: 'null',
  'a list': '[]',
  blanks: '   ',
  'a key that is no key': '{"__proto__":{"kind":"AdmissionReview"}}',
}

describe('a request as API servers send it is answered as every other', () => {
  test.each(Object.entries(bodies))('%s', async (_what, body) => {
    const replies = []
    for (const headers of [USUAL, OTHER]) {
      const { call, log, metrics } = await start()
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const { status, headers: told, text: answer } = await call({ body, headers: { ...headers, ...length } })
      const { date: _, ...rest } = told
      replies.push({ status, told: rest, answer, lines: log.lines, counted: metrics.counted })
    }
    expect(replies[0]).toEqual(replies[1])
  })

  test.each(['/mutate', '/mutate?timeout=5s', '/mutate/eks', '/mutate/', '/Mutate', '/mutate/eks/', '/constructor'])(
    'at %s',
    async (path) => {
      const { call } = await start()
      const [usual, other] = [await call({ path, headers: USUAL }), await call({ path, headers: OTHER })]
      expect([usual.status, usual.text]).toEqual([other.status, other.text])
    },
  )
})

describe.each(Object.entries({ usual: USUAL, other: OTHER }))('%s requests', (_name, type) => {
  const headers = { ...type, 'content-length': String(text.length) }

  test('are whole once their last piece is there', async () => {
    const { port } = await start()
    const { request, reply } = open({ port, headers })
    for (const letter of text.slice(0, 40)) {
      request.write(letter)
      await new Promise((resolve) => setImmediate(resolve))
    }
    request.end(text.slice(40))
    expect((await reply).status).toBe(200)
  })

  test('have their own text, whatever came in pieces before and beside them', async () => {
    const { port } = await start()
    const uids = ['long'.repeat(30), 'short', 'other']
    const bodies = uids.map((uid) =>
      Buffer.from(JSON.stringify({ ...review({ uid }), note: '\u20ac'.repeat(uid.length) })),
    )
    const asked = bodies.map((body) => open({ port, headers: { ...type, 'content-length': String(body.length) } }))
    const cuts = [0, 0.3, 0.6, 1] as const
    for (const [index, from] of cuts.slice(0, -1).entries()) {
      for (const [at, { request }] of asked.entries()) {
        const body = bodies[at] ?? Buffer.alloc(0)
        request.write(body.subarray(Math.floor(from * body.length), Math.floor((cuts[index + 1] ?? 1) * body.length)))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    for (const { request } of asked) request.end()
    const replies = await Promise.all(asked.map(({ reply }) => reply))
    expect(replies.map((reply) => JSON.parse(reply.text).response.uid)).toEqual(uids)
  })

  test('that break off are refused and counted once', async () => {
    const { port, server, log, metrics } = await start()
    const seen = once(server, 'request')
    const { request, reply } = open({ port, headers })
    request.write(text.slice(0, 40))
    const [, response] = await seen
    const broken = reply.catch(() => 'broken')
    request.destroy()
    await once(response, 'close')
    await broken
    await new Promise((resolve) => setImmediate(resolve))
    expect(metrics.counted).toEqual([['refuse', 'ReviewMalformed', expect.any(Number)]])
    expect(log.lines).toHaveLength(1)
  })
})
