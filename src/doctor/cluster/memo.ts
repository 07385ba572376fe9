import { Failure } from '../../errors/index.ts'
import type { ClusterPort, Place } from '../ground.ts'

/** Asks once what is asked often: the same promise for the same key. */
export function memo<K, T>(ask: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const answers = new Map<K, Promise<T>>()
  return (key) => {
    const answer = answers.get(key) ?? ask(key)
    answers.set(key, answer)
    return answer
  }
}

export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

/** A cluster that is asked for each place once: what is said of it is of one moment. */
export function askedOnce(cluster: ClusterPort): ClusterPort {
  const byPath = <T>(ask: (place: Place) => Promise<T>) => {
    const answers = new Map<string, Promise<T>>()
    return (place: Place): Promise<T> => {
      const answer = answers.get(place.path) ?? ask(place)
      answers.set(place.path, answer)
      return answer
    }
  }
  return { get: byPath(cluster.get), list: byPath(cluster.list), text: byPath(cluster.text), create: cluster.create }
}

/** Does that for all, a few at a time and in their order: an API server has others to serve. */
export async function forAll<T, R>(
  items: readonly T[],
  few: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = [...items.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await act(next[1])
  }
  await Promise.all(Array.from({ length: Math.min(few, items.length) }, work))
  return results
}

/** Undefined for what the caller may not know: a check of its own says so. */
export async function ifAllowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'ClusterForbidden') return undefined
    throw thrown
  }
}
