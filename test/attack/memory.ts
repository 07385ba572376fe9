import type { Front } from './ground.ts'

const READINGS = 9
/** Between two readings the client asks so often: a second goes by. */
const PAUSE = 20
const LONGEST_SETTLING = 40

/** MiB. */
export type Memory = { readonly before: number; readonly peak: number; readonly after: number }

/** What a process has for itself: the middle of several readings, since garbage comes and goes. */
export async function readMemory({ sidecar, client }: Front): Promise<number> {
  const readings: number[] = []
  while (readings.length < READINGS) {
    await client.more(PAUSE / 4)
    readings.push(sidecar.memory())
  }
  return median(readings)
}

/** The same once garbage is collected, which nothing tells: looks again until it is within bounds, or for 40 s. */
export async function settleMemory({ sidecar, client }: Front, bounds: number): Promise<number> {
  const readings: number[] = []
  for (let count = 0; count < LONGEST_SETTLING; count += 1) {
    await client.more(PAUSE)
    readings.push(sidecar.memory())
    if (readings.length >= READINGS && median(readings.slice(-READINGS)) <= bounds) break
  }
  return median(readings.slice(-READINGS))
}

/** The highest that is seen until it is stopped. */
export function watchPeak({ sidecar }: Front): () => number {
  let peak = sidecar.memory()
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, sidecar.memory())
    } catch {
      // It has ended, which whoever attacks it notices.
    }
  }, 200)
  timer.unref()
  return () => {
    clearInterval(timer)
    return peak
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
