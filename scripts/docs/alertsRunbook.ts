import { brokers } from './alertsRunbookBrokers.ts'
import { renewal } from './alertsRunbookRenewal.ts'
import { sidecars } from './alertsRunbookSidecars.ts'
import { webhook } from './alertsRunbookWebhook.ts'

/** What whoever is called by an alert wants to know, beyond what the rule says itself. */
export type RunbookEntry = {
  /** What has happened. */
  readonly meaning: string
  /** What it comes to, and for whom. */
  readonly impact: string
  /** A query that shows which ones. */
  readonly which?: string
  /** How to find the cause, in order. */
  readonly diagnosis: readonly string[]
  /** What to change, by what was found. */
  readonly mitigation: readonly string[]
}

/** By alert; charts/lanyard/files/rules.yaml has the rules. */
export const runbook: Readonly<Record<string, RunbookEntry>> = { ...sidecars, ...renewal, ...brokers, ...webhook }
