import { printable } from '../terminal/printable.ts'
import { countStates } from './format.ts'
import { type Instant, isTroubled, type Round, type Row } from './types.ts'

/** Whether nothing is in trouble, as the exit code says it. */
export const isWell = ({ rows }: Round): boolean => !rows.some(({ state }) => isTroubled(state))

/** For scripts; docs/operators/status.md describes it. */
export function toJson(round: Round): object {
  return {
    time: iso(round.at),
    seconds: round.took / 1_000,
    namespace: round.namespace ?? null,
    webhookVersion: round.version ?? null,
    well: isWell(round),
    pods: round.pods,
    finished: round.finished,
    states: Object.fromEntries(countStates(round)),
    rows: round.rows.map(rowToJson),
  }
}

function rowToJson(row: Row): object {
  const { trouble } = row
  return {
    namespace: row.namespace,
    pod: row.pod,
    state: row.state,
    mode: row.mode ?? null,
    session: text(row.session),
    containers: row.containers.map((name) => printable(name, 256)),
    role: text(row.role),
    expires: iso(row.expires),
    refreshed: iso(row.refreshed),
    error: trouble?.code ?? text(trouble?.word),
    message: text(trouble?.message),
    failures: row.failures ?? {},
    users: row.users ?? null,
    version: text(row.version),
  }
}

const text = (value: string | undefined): string | null => (value === undefined ? null : printable(value, 2_048))
const iso = (instant: Instant | undefined): string | null =>
  instant === undefined ? null : new Date(instant).toISOString()
