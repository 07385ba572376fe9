import type { Ground } from '../bench.ts'
import type { Loaded, Loader } from '../support/load.ts'
import { requestOf, reviewBody, SIZES } from './pods.ts'
import type { Reviewer } from './servers.ts'

/** What all measurements of the webhook share. */
export type Place = { readonly ground: Ground; readonly load: Loader }

/** What a round of reviews gave; `cpu` is the server's, in microseconds per review. */
export type Round = Loaded & { readonly cpu: number }
export type Asking = {
  /** Head and body. */
  readonly request: string
  readonly connections: number
  readonly time?: number
  readonly requests?: number
}

/** Throws what was met in place of an answer. */
export async function ask(
  { load }: Pick<Place, 'load'>,
  { subject, load: target }: Reviewer,
  asking: Asking,
): Promise<Round> {
  const before = subject.cpu()
  const loaded = await load({ ...target, ...asking })
  return { ...loaded, cpu: ((subject.cpu() - before) * 1_000) / loaded.requests }
}

/** One that has a role in every stand-in. */
export const ACCOUNT = 'account-0'

/**
 * So many reviews of each size, as often as a compiler needs to make up its mind: before that it is compiling that is
 * measured, of the server which has more to compile.
 */
export async function warmUp(place: Place, reviewers: readonly Reviewer[]): Promise<void> {
  const counts = place.ground.short ? [3_000, 300, 30] : [15_000, 1_000, 100]
  for (const reviewer of reviewers)
    for (const [index, size] of SIZES.entries()) {
      const request = requestOf(reviewBody({ ...size, serviceAccount: ACCOUNT }))
      await ask(place, reviewer, { request, connections: 16, requests: counts[index] ?? 0 })
    }
}
