import type { Protocol } from '../client.ts'
import type { Stage } from '../stage.ts'

/** What a client must stand. */
export type Case = {
  readonly name: string
  /** For the table's legend. */
  readonly doc: string
  /** Where not on both. */
  readonly only?: Protocol
  /** How often it may be tried, where a client gives the endpoint a second once, which a busy machine may not have. */
  readonly tries?: number
  /** Throws Unmet. What it answers is a remark for the table. */
  run(stage: Stage): Promise<string | undefined>
}

/** Sessions that end within the refresh windows of most clients, which then ask at every call. */
export const SHORT_SESSION = 240
