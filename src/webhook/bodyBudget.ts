import type { IncomingMessage, ServerResponse } from 'node:http'

/** A few hundred ordinary reviews, or sixteen of the largest: more at once than API servers send. */
const MOST_BYTES = 67_108_864

export type BodyBudgetOptions = {
  readonly maxBodyBytes: number
  /** The most bytes of bodies under way at once. */
  readonly mostBytes?: number | undefined
}

/** Whether there is room for the request's body, which it then has until its answer is sent or its connection ends. */
export type BodyBudget = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Room for bodies beside those under way. Nobody has to say who they are here, so many connections that each send a large
 * body could take all memory. A body is counted by its announced length before anything of it is read, by the maximum
 * where none is announced.
 */
export function bodyBudget({ maxBodyBytes, mostBytes = MOST_BYTES }: BodyBudgetOptions): BodyBudget {
  let underWay = 0
  return (request, response) => {
    const announced = Number(request.headers['content-length'] ?? maxBodyBytes)
    // Of what is too large nothing is kept: it is refused by its length.
    const bytes = announced > maxBodyBytes ? 0 : announced
    if (underWay + bytes > mostBytes) return false
    underWay += bytes
    response.once('close', () => {
      underWay -= bytes
    })
    return true
  }
}
