import { expect, test } from 'vitest'
import { drain } from '../../../src/webhook/index.ts'
import { memoryLog } from './reviews.ts'

/** A virtual clock: sleepers wake when the test says so, or when their signal aborts. */
function virtualSleep(story: string[]) {
  const sleepers = new Map<number, () => void>()
  const arrivals: (() => void)[] = []
  return {
    sleep: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        story.push(`sleep ${milliseconds}`)
        sleepers.set(milliseconds, resolve)
        signal.addEventListener('abort', () => resolve())
        arrivals.shift()?.()
      }),
    asleep: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    wake: (milliseconds: number) => sleepers.get(milliseconds)?.(),
  }
}

function fakeServer(story: string[]) {
  const finished = Promise.withResolvers<void>()
  return {
    end: () => finished.resolve(),
    requests: 0,
    received() {
      return this.requests
    },
    lastAnswers: () => void story.push('lastAnswers'),
    finish: () => {
      story.push('finish')
      return finished.promise
    },
    abort: () => {
      story.push('abort')
      finished.resolve()
    },
  }
}

async function start() {
  const story: string[] = []
  const [clock, server, log] = [virtualSleep(story), fakeServer(story), memoryLog()]
  const times = { waitFor: 5_000, shed: { quiet: 1_000, most: 3_000 }, finishWithin: 10_000 }
  const step = async (wake?: number) => {
    const next = clock.asleep()
    if (wake !== undefined) clock.wake(wake)
    await next
  }
  const first = clock.asleep()
  const result = drain({ server, log, sleep: clock.sleep, notReady: () => void story.push('notReady'), ...times })
  await first
  return { story, clock, server, log, result, step }
}

test('not ready, wait, last answers, stop listening, finish', async () => {
  const { story, server, result, step, log } = await start()
  expect(story).toEqual(['notReady', 'sleep 5000'])
  await step(5_000)
  expect(story.slice(2)).toEqual(['lastAnswers', 'sleep 1000'])
  await step(1_000)
  expect(story.slice(4)).toEqual(['finish', 'sleep 10000'])
  server.end()
  expect(await result).toBe('finished')
  expect(story).not.toContain('abort')
  expect(log.lines.map(({ event }) => event)).toEqual(['draining', 'drained'])
})

test('goes on asking clients to close as long as they come, but not for ever', async () => {
  const { story, server, step } = await start()
  await step(5_000)
  for (let round = 1; round < 3; round += 1) {
    server.requests += 1
    await step(1_000)
    expect(story.filter((line) => line === 'sleep 1000')).toHaveLength(round + 1)
    expect(story).not.toContain('finish')
  }
  server.requests += 1
  await step(1_000)
  expect(story.slice(-2)).toEqual(['finish', 'sleep 10000'])
  server.end()
})

test('what is not finished in time is cut off, and told', async () => {
  const { story, clock, result, step, log } = await start()
  await step(5_000)
  await step(1_000)
  clock.wake(10_000)
  expect(await result).toBe('aborted')
  expect(story.at(-1)).toBe('abort')
  expect(log.lines.map(({ event }) => event)).toContain('reviews under way were cut off')
})
