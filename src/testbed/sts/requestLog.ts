import type { RequestFacts } from './requestFacts.ts'

/** What is remembered of a request: never a token, a secret key or a signature. */
export type RequestRecord = {
  /** When it was answered, or left unanswered, by the clock that STS was given: epoch milliseconds. */
  time: number
  /** As asked for; empty when there was none. */
  action: string
  /** `Success`, an error code of STS, or the kind of the fault that left no such code. */
  code: string
  /** HTTP status; 0 when nothing was answered. */
  status: number
  /** ARN of the role, as asked for or of the session that signed. */
  role: string | undefined
  /** Whose signature was verified; it is no secret. */
  accessKeyId?: string | undefined
  requestId: string
  /** What was asked for besides, and, after a success, what the token, the assertion or the session added. */
  facts: RequestFacts
}

/** The newest requests, oldest first. */
export type RequestLog = {
  records: readonly RequestRecord[]
  add(record: RequestRecord): void
  /** The first record that is added from now on. */
  next(): Promise<RequestRecord>
}

type RequestLogOptions = { limit?: number; onRequest?: (record: RequestRecord) => void }

/** Keeps the newest `limit` records, 1,000 by default. */
export function createRequestLog({ limit = 1000, onRequest }: RequestLogOptions = {}): RequestLog {
  const records: RequestRecord[] = []
  let waiting: ((record: RequestRecord) => void)[] = []
  return {
    records,
    add: (record) => {
      records.push(record)
      if (records.length > limit) records.shift()
      onRequest?.(record)
      const told = waiting
      waiting = []
      for (const tell of told) tell(record)
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
