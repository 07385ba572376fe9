import type { RequestHandler } from 'express'

/** A few hundred ordinary reviews, or sixteen of the largest: more at once than API servers send. */
const MOST_BYTES = 67_108_864

export type BodyBudgetOptions = {
  readonly maxBodyBytes: number
  /** The most bytes of bodies under way at once. */
  readonly mostBytes?: number | undefined
  readonly busy: RequestHandler
}

/**
 * Passes a request on while its body fits beside those under way, and to `busy` otherwise. Nobody has to say who they
 * are here, so many connections that each send a large body could take all memory. A body is counted by its announced
 * length before anything of it is read, by the maximum where none is announced, until its answer is sent or its
 * connection has ended.
 */
export function bodyBudget({ maxBodyBytes, mostBytes = MOST_BYTES, busy }: BodyBudgetOptions): RequestHandler {
  let underWay = 0
  return (request, response, next) => {
    const announced = Number(request.headers['content-length'] ?? maxBodyBytes)
    // Of what is too large nothing is kept: it is refused by its length.
    const bytes = announced > maxBodyBytes ? 0 : announced
    if (underWay + bytes > mostBytes) {
      busy(request, response, next)
      return
    }
    underWay += bytes
    response.once('close', () => {
      underWay -= bytes
    })
    next()
  }
}
