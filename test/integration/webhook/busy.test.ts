import { once } from 'node:events'
import { expect, test } from 'vitest'
import { review } from '../../unit/webhook/reviews.ts'
import { open, type Reply } from './client.ts'
import { patching, start } from './plainServer.ts'

const json = { 'content-type': 'application/json' }
const large = { ...json, 'content-length': '100000' }
const chunked = { ...json, 'transfer-encoding': 'chunked' }
const small = { ...json, 'content-length': String(JSON.stringify(review()).length) }

type Server = Awaited<ReturnType<typeof start>>

/** A request whose body has begun and does not end, once the webhook has seen it. */
async function begin({ port, server }: Server, headers: Record<string, string>) {
  const seen = once(server, 'request')
  const { request, reply } = open({ port, headers })
  request.write('{')
  const [, response] = await seen
  return { request, reply, response }
}

function expectBusy({ status, headers, json: body }: Reply): void {
  expect([status, headers['retry-after'], body()['code']]).toEqual([503, '1', 'ReviewBusy'])
}

test('bodies under way have a budget: who is beyond it is told to come again, and an answer makes room', async () => {
  const webhook = await start(patching, { mostBodyBytes: 1_000_000 })
  const begun = []
  for (let count = 0; count < 40; count += 1) begun.push(await begin(webhook, large))
  const held = begun.slice(0, 10)
  for (const { reply, request } of begun.slice(10)) {
    expectBusy(await reply)
    request.destroy()
  }
  expectBusy(await webhook.call({ headers: small }))
  expect(webhook.metrics.counted).toEqual(Array(31).fill(['refuse', 'ReviewBusy', expect.any(Number)]))

  held[0]?.request.end(' '.repeat(99_999))
  expect((await held[0]?.reply)?.status).toBe(400)
  expect((await webhook.call({ headers: small })).status).toBe(200)
  for (const { request } of held) request.destroy()
})

test('a connection that ends gives its room back', async () => {
  const webhook = await start(patching, { mostBodyBytes: 100_000 })
  const { request, response } = await begin(webhook, large)
  expectBusy(await webhook.call({ headers: small }))
  request.destroy()
  await once(response, 'close')
  expect((await webhook.call({ headers: small })).status).toBe(200)
})

test('a body whose length is not said counts as the largest, and what is refused without reading it as nothing', async () => {
  const webhook = await start(patching, { mostBodyBytes: 100_000 })
  const { request, reply } = await begin(webhook, chunked)
  expectBusy(await webhook.call({ headers: small }))
  expect((await webhook.call({ body: ' '.repeat(100_001) })).status).toBe(413)
  expect((await webhook.call({ headers: { 'content-type': 'text/plain' } })).status).toBe(415)
  request.end('}')
  expect((await reply).status).toBe(400)
  expect((await webhook.call({ headers: chunked })).status).toBe(200)
})
