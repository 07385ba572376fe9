import type { Annotations } from './metadata.ts'

/** Annotations by key, up to a total length. */
export type Held = {
  readonly get: (key: string) => Annotations | undefined
  /** In place of what the key had. Nothing is held of what carries none, is too long, or for what there is no room. */
  readonly set: (key: string, annotations: Annotations) => void
  readonly delete: (key: string) => void
  /** How many keys are held. */
  readonly size: () => number
}

/** What anyone who may write annotations can have us hold is bounded, in bytes or so: the rest is asked live. */
export type Bounds = { readonly each: number; readonly all: number }

export function holdAnnotations({ each, all }: Bounds): Held {
  const held = new Map<string, Annotations>()
  let total = 0
  const remove = (key: string): void => {
    const known = held.get(key)
    if (known === undefined) return
    total -= lengthOf(key, known)
    held.delete(key)
  }
  return {
    get: (key) => held.get(key),
    set: (key, annotations) => {
      remove(key)
      const length = lengthOf(key, annotations)
      if (Object.keys(annotations).length === 0 || length > each || total + length > all) return
      total += length
      held.set(key, annotations)
    },
    delete: remove,
    size: () => held.size,
  }
}

/** What each object and each text costs beside its characters, which may be two bytes each. */
const overhead = { object: 256, annotation: 128 }

const lengthOf = (key: string, annotations: Annotations): number =>
  Object.entries(annotations).reduce(
    (sum, [name, value]) => sum + overhead.annotation + 2 * (name.length + value.length),
    overhead.object + 2 * key.length,
  )
