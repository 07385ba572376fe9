import type { Milliseconds } from '../credentials/types.ts'

/** Time that nobody sets. */
type Uptime = () => Milliseconds

/** How much may be done: `burst` at once, and from then on `burst` in every `period`. */
export type Rate = { readonly burst: number; readonly period: Milliseconds }

export type Bucket = {
  /** Takes one; 0, or how long it takes until there is one again. */
  take(): Milliseconds
  /** Puts one back that was taken for nothing. */
  giveBack(): void
}

type Level = { left: number; at: Milliseconds }

/** A token bucket, full at first. */
export function createBucket(rate: Rate, uptime: Uptime): Bucket {
  const level: Level = { left: rate.burst, at: uptime() }
  return {
    take: () => takeFrom(level, rate, uptime()),
    giveBack: () => {
      level.left = Math.min(rate.burst, level.left + 1)
    },
  }
}

export type KeyedBuckets = {
  /** Takes one from the key's own bucket; 0, or how long it takes until there is one again. */
  take(key: string): Milliseconds
  /** How many are kept. */
  size(): number
}

/**
 * A bucket per key, of `most` keys: beyond that the one that was used longest ago is forgotten, which makes it full. Where
 * no more than `most` keys can come within a period, that is what it has become anyway.
 */
export function createBuckets(rate: Rate, most: number, uptime: Uptime): KeyedBuckets {
  const levels = new Map<string, Level>()
  return {
    take: (key) => {
      const now = uptime()
      const level = levels.get(key) ?? { left: rate.burst, at: now }
      // Last in the map is what was used last.
      levels.delete(key)
      levels.set(key, level)
      dropFirst(levels, most)
      return takeFrom(level, rate, now)
    },
    size: () => levels.size,
  }
}

function takeFrom(level: Level, { burst, period }: Rate, now: Milliseconds): Milliseconds {
  level.left = Math.min(burst, level.left + (Math.max(0, now - level.at) * burst) / period)
  level.at = now
  if (level.left >= 1) {
    level.left -= 1
    return 0
  }
  return ((1 - level.left) * period) / burst
}

/** Forgets the entries that come first until there are no more than `most`. */
export function dropFirst(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

/** `Retry-After` (RFC 9110, section 10.2.3): whole seconds, never 0. */
export const wholeSeconds = (time: Milliseconds): number => Math.max(1, Math.ceil(time / 1_000))
