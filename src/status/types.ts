import type { Code } from '../errors/index.ts'

/** Epoch milliseconds. */
export type Instant = number
export type Milliseconds = number

/**
 * How something fares, the worst first:
 * - `expired`: it had credentials, and has none any more; `none`: it never had any
 * - `down`: its sidecar does not run; `uninjected`: it asks for credentials and has no sidecar
 * - `failing`: it has credentials, and does not get new ones; `unseen`: its metrics cannot be read
 * - `starting`, `ending`: it is too early or too late to say
 * - `ok`; `direct`: the app asks STS itself, so that nobody here knows
 */
export const STATES = [
  'expired',
  'none',
  'down',
  'uninjected',
  'failing',
  'unseen',
  'starting',
  'ending',
  'ok',
  'direct',
] as const
export type State = (typeof STATES)[number]

/** What a person has to see to. */
export const isTroubled = (state: State): boolean => STATES.indexOf(state) < STATES.indexOf('starting')

export type Mode = 'sidecar' | 'imds' | 'direct' | 'broker'

/** What is wrong: one of our codes where it is one, else the cluster's own word for it. */
export type Trouble = {
  readonly code?: Code
  /** For the table: the code, or a few words. */
  readonly word: string
  /** For who wants to know more. */
  readonly message?: string
}

/** One line of the table: a session of a pod, its broker, or the pod itself where nothing else is known of it. */
export type Row = {
  readonly namespace: string
  readonly pod: string
  readonly state: State
  readonly mode: Mode | undefined
  /** The containers that it is for; empty where nobody says. */
  readonly containers: readonly string[]
  /** As the sidecar calls it: the container with a role of its own, or `default`. */
  readonly session?: string
  readonly role?: string
  /** Of the Lanyard that runs there. */
  readonly version?: string
  readonly expires?: Instant
  readonly refreshed?: Instant
  readonly trouble?: Trouble
  /** Failed attempts since the sidecar's start, by their code. */
  readonly failures?: Readonly<Record<string, number>>
  /** Of a broker: the sessions of users that it keeps. */
  readonly users?: number
}

/** What one look at the cluster found. */
export type Round = {
  readonly at: Instant
  readonly took: Milliseconds
  /** Undefined for all namespaces. */
  readonly namespace: string | undefined
  /** Of the pods that were looked at; absent for all. */
  readonly selector?: string | undefined
  /** The troubled first. */
  readonly rows: readonly Row[]
  /** Of the pods that the rows are about. */
  readonly pods: number
  /** Pods that have run to their end: not among the rows. */
  readonly finished: number
  /** Of the webhook, where it can be seen. */
  readonly version: string | undefined
}

/** Where the metrics of a container of a pod are. */
export type Target = {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** What is asked of a cluster; the first two reject with a Failure, the last never. */
export type Fleet = {
  /** The pods that are to be looked at, as the API server has them, page by page. */
  readonly pods: () => AsyncIterable<readonly unknown[]>
  readonly metrics: (target: Target, signal: AbortSignal) => Promise<string>
  /** Of the webhook; undefined where it is not there or may not be seen. */
  readonly version: () => Promise<string | undefined>
}

/** Time, as it is handed in. */
export type Clock = {
  readonly now: () => Instant
  /** Calls once, soon if the instant has passed, and returns how to cancel. */
  readonly wakeAt: (at: Instant, fn: () => void) => () => void
}
