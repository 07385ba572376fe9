import { StsFailure } from './failure.ts'

/** How a 200 may lie: fields left out, an Expiration that is no date, one that has passed, half of a document. */
export type Lie = 'missingFields' | 'garbageExpiration' | 'alreadyExpired' | 'truncated'

/**
 * What STS does instead of, or besides, answering rightly.
 *
 * - `throttling`, `unavailable`, `idpCommunicationError`: the error that AWS gives; `failure`: any other.
 * - `hang`: the request is read and never answered. `reset`: the connection is destroyed.
 * - `html`: a proxy's page instead of XML.
 * - `lies`: 200 with credentials that cannot be used; `fields` says what `missingFields` leaves out.
 * - `skew`: the server's clock is off by `ms`: its Date, its Expiration and its judgement of signatures and tokens.
 * - `slowBody`: headers and the first half at once, the rest after `ms`; with `Infinity` it never comes.
 * - `shortSession`: sessions end after `seconds`, whatever was asked for. The credentials are good.
 *
 * With `action`, only requests for that action are hit.
 */
export type Fault = { action?: string } & (
  | { kind: 'throttling' }
  | { kind: 'unavailable' }
  | { kind: 'idpCommunicationError' }
  | { kind: 'failure'; code: string; message: string; status?: number }
  | { kind: 'hang' }
  | { kind: 'reset' }
  | { kind: 'html'; status: 200 | 502 }
  | { kind: 'lies'; lie: Lie; fields?: readonly string[] }
  | { kind: 'skew'; ms: number }
  | { kind: 'slowBody'; ms: number }
  | { kind: 'shortSession'; seconds: number }
)

/** Turns faults on and off while STS runs. */
export type FaultControls = {
  /** From now on, until `clear` or another `set`. */
  set(fault: Fault): void
  /** For the next `count` requests that the fault applies to; several calls queue up, and go before `set`'s. */
  next(count: number, fault: Fault): void
  /** Ends all faults. */
  clear(): void
  /** What is set, and what is queued for the next requests. */
  list(): FaultList
}

/** The faults that are to come. */
export type FaultList = { lasting: Fault | undefined; next: readonly { count: number; fault: Fault }[] }

/** The controls, and the server's side of them. */
export type FaultPlan = FaultControls & {
  /** The fault for a request for `action`; takes one off the queue. */
  take(action: string): Fault | undefined
}

function appliesTo(fault: Fault, action: string): boolean {
  return fault.action === undefined || fault.action === action
}

/** A plan without faults. */
export function createFaultPlan(): FaultPlan {
  let lasting: Fault | undefined
  let queue: { count: number; fault: Fault }[] = []
  return {
    set: (fault) => {
      lasting = fault
    },
    next: (count, fault) => {
      queue.push({ count, fault })
    },
    clear: () => {
      lasting = undefined
      queue = []
    },
    list: () => ({ lasting, next: queue.filter(({ count }) => count > 0).map((entry) => ({ ...entry })) }),
    take: (action) => {
      const queued = queue.find(({ count, fault }) => count > 0 && appliesTo(fault, action))
      if (queued === undefined) return lasting !== undefined && appliesTo(lasting, action) ? lasting : undefined
      queued.count -= 1
      queue = queue.filter(({ count }) => count > 0)
      return queued.fault
    },
  }
}

/** The error that a fault makes STS answer, where it is one of those. */
export function failureOf(fault: Fault | undefined): StsFailure | undefined {
  switch (fault?.kind) {
    case 'throttling':
      return new StsFailure('Throttling', 'Rate exceeded')
    case 'unavailable':
      return new StsFailure('ServiceUnavailable', 'Service Unavailable', { status: 503, type: 'Receiver' })
    case 'idpCommunicationError':
      return new StsFailure('IDPCommunicationError', 'The identity provider could not be reached')
    case 'failure':
      return new StsFailure(fault.code, fault.message, { status: fault.status ?? 400 })
    default:
      return undefined
  }
}
