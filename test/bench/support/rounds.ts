import { turns } from '../statistics.ts'

export type Plan<T> = {
  readonly rounds: number
  /** Rounds before these that do not count. */
  readonly warmUp?: number
  /** What is measured in each round, whoever comes first changing. */
  readonly takes: readonly (() => Promise<T>)[]
}

/** Takes everything once in each round; what each take gave in the rounds that count, in the takes' order. */
export async function interleave<T>({ rounds, warmUp = 0, takes }: Plan<T>): Promise<readonly (readonly T[])[]> {
  const taken = takes.map((): T[] => [])
  for (let round = 0; round < rounds + warmUp; round += 1)
    for (const index of turns(takes.length, round)) {
      const value = await takes[index]?.()
      if (value !== undefined && round >= warmUp) taken[index]?.push(value)
    }
  return taken
}

/** The same of two: ours and what it is compared with, round by round. */
export async function compare<T>(
  { rounds, warmUp }: Pick<Plan<T>, 'rounds' | 'warmUp'>,
  ours: () => Promise<T>,
  baseline: () => Promise<T>,
): Promise<readonly Compared<T>[]> {
  const [left = [], right = []] = await interleave({
    rounds,
    ...(warmUp !== undefined && { warmUp }),
    takes: [ours, baseline],
  })
  return left.flatMap((one, round) => {
    const other = right[round]
    return other === undefined ? [] : [{ ours: one, baseline: other }]
  })
}

export type Compared<T> = { readonly ours: T; readonly baseline: T }
