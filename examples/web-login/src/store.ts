import { randomBytes } from 'node:crypto'

/** What the app keeps of browsers, in memory: whoever restarts it signs everybody out. */
export type Store<T> = {
  /** Answers the name that only this browser will know: 256 random bits. */
  open(value: T): string
  find(id: string | undefined): T | undefined
  /** Finds it for the last time. */
  take(id: string | undefined): T | undefined
}

export type StoreOptions = {
  /** Milliseconds. */
  readonly lifetime: number
  /** The most that are kept: the oldest goes first. */
  readonly most: number
  readonly now: () => number
}

export const newSecret = (): string => randomBytes(32).toString('base64url')

export function createStore<T>({ lifetime, most, now }: StoreOptions): Store<T> {
  // A map goes in the order in which entries came, and all live equally long: the first one is always the oldest.
  const entries = new Map<string, { readonly value: T; readonly until: number }>()

  const tidy = (): void => {
    for (const [id, { until }] of entries) {
      if (until > now() && entries.size < most) return
      entries.delete(id)
    }
  }
  const find = (id = ''): T | undefined => {
    const entry = entries.get(id)
    return entry === undefined || entry.until <= now() ? undefined : entry.value
  }
  return {
    open: (value) => {
      tidy()
      const id = newSecret()
      entries.set(id, { value, until: now() + lifetime })
      return id
    },
    find,
    take: (id = '') => {
      const value = find(id)
      entries.delete(id)
      return value
    },
  }
}
