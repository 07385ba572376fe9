import { unlessAborted } from '../deadline.ts'
import type { Outcome } from '../judge.ts'
import type { ClusterRequest } from '../types.ts'
import { createSlots } from './slots.ts'

/** How many requests are under way at a time, whatever they ask for. */
const mostAtOnce = 32

type Flight = { readonly outcome: Promise<Outcome | undefined>; passengers: number }

/** Asks, and comes to undefined where the signal aborts first. */
export type SharedAsk = (request: ClusterRequest, signal: AbortSignal) => Promise<Outcome | undefined>

/**
 * One request at a time per path, shared by all who asked before it was sent. So nobody gets an answer that is older than
 * the question, and whoever comes while one is under way shares the next. `ask` must not reject.
 */
export function shareAsking(ask: (request: ClusterRequest) => Promise<Outcome>): SharedAsk {
  const inSlot = createSlots(mostAtOnce)
  const notSent = new Map<string, Flight>()
  const underWay = new Map<string, Promise<Outcome>>()

  const send = async (request: ClusterRequest): Promise<Outcome | undefined> => {
    const { path } = request
    const flight = notSent.get(path)
    // From here on nobody can join.
    notSent.delete(path)
    if (flight?.passengers === 0) return undefined
    const outcome = ask(request).finally(() => underWay.delete(path))
    underWay.set(path, outcome)
    return await outcome
  }
  const depart = async (request: ClusterRequest): Promise<Outcome | undefined> => {
    await underWay.get(request.path)
    return await inSlot(() => send(request))
  }
  const board = (request: ClusterRequest): Flight => {
    const flight = notSent.get(request.path) ?? { outcome: depart(request), passengers: 0 }
    notSent.set(request.path, flight)
    flight.passengers += 1
    return flight
  }
  return async (request, signal) => {
    if (signal.aborted) return undefined
    const flight = board(request)
    const outcome = await unlessAborted(flight.outcome, signal)
    flight.passengers -= 1
    return outcome
  }
}
