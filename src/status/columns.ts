import { asciiOnly } from '../terminal/ascii.ts'
import { formatDuration } from '../terminal/duration.ts'
import type { Column } from '../terminal/table.ts'
import type { Instant, Round, Row } from './types.ts'

export type Seen = { readonly round: Round; readonly now: Instant; readonly isWide: boolean }

type Field = Column & {
  readonly cell: (row: Row, seen: Seen) => string
  readonly isShown?: (seen: Seen) => boolean
  /** It says nothing that anybody would miss. */
  readonly saysNothing?: (seen: Seen) => boolean
}

/** The columns of the table, in their order. What a pod may have made up is ASCII and of some length. */
const fields: readonly Field[] = [
  { title: 'NAMESPACE', least: 8, isShown: ({ round }) => round.namespace === undefined, cell: (row) => row.namespace },
  { title: 'POD', least: 14, cell: (row) => row.pod },
  { title: 'CONTAINER', least: 9, cell: containerCell },
  { title: 'ROLE', least: 12, cell: (row, { isWide }) => roleCell(row, isWide) },
  { title: 'EXPIRES', cell: expiresCell },
  { title: 'REFRESHED', cell: ({ refreshed }, { now }) => (refreshed === undefined ? '-' : ago(now - refreshed)) },
  { title: 'LAST ERROR', least: 10, cell: errorCell },
  { title: 'STATE', isShown: ({ isWide }) => isWide, cell: ({ state }) => state },
  {
    title: 'VERSION',
    cell: versionCell,
    saysNothing: ({ round }) => versionsOf(round).size <= 1 && !round.rows.some((row) => isOther(row, round)),
  },
  {
    title: 'MODE',
    cell: ({ mode }) => mode ?? '-',
    saysNothing: ({ round }) => round.rows.every(({ mode }) => mode === 'sidecar'),
  },
]

/** The columns that are to be shown, and the cells of each row. */
export function tableOf(seen: Seen): { columns: readonly Column[]; cells: readonly (readonly string[])[] } {
  const shown = fields.filter(({ isShown }) => isShown === undefined || isShown(seen))
  return {
    columns: shown.map(({ title, least, saysNothing }) => ({
      title,
      ...(least !== undefined && !seen.isWide && { least }),
      isSpare: !seen.isWide && saysNothing?.(seen) === true,
    })),
    cells: seen.round.rows.map((row) => shown.map(({ cell }) => cell(row, seen))),
  }
}

const ago = (time: number): string => `${formatDuration(time)} ago`

function containerCell({ containers, session, mode }: Row): string {
  if (mode === 'broker') return 'lanyard-broker'
  return containers.length === 0 ? asciiOnly(session ?? '-', 63) : asciiOnly(containers.join(','), 200)
}

const ROLE = /^arn:(aws[a-z-]{0,20}):iam::(\d{12}):role\/(.{1,576})$/

/** `ACCOUNT/NAME`, with the partition where it is not the usual one. */
function roleCell({ role, users }: Row, isWide: boolean): string {
  if (users !== undefined) return `${users} ${users === 1 ? 'user' : 'users'}`
  if (role === undefined) return '-'
  const plain = asciiOnly(role, 700)
  const [, partition, account, name] = (isWide ? null : ROLE.exec(plain)) ?? []
  if (name === undefined) return plain
  return `${partition === 'aws' ? '' : `${partition}:`}${account}/${name}`
}

function expiresCell({ state, mode, expires }: Row, { now }: Seen): string {
  if (mode === 'direct' || mode === 'broker') return '-'
  if (expires !== undefined) return expires > now ? formatDuration(expires - now) : 'expired'
  if (state === 'expired') return state
  // Without a sidecar there is nobody to ask.
  if (state === 'none' || state === 'down' || state === 'uninjected') return 'none'
  return state === 'unseen' ? '?' : '-'
}

function errorCell({ state, trouble }: Row): string {
  if (trouble !== undefined) return asciiOnly(trouble.word, 80)
  return state === 'starting' || state === 'ending' ? state : '-'
}

function versionCell(row: Row, { round }: Seen): string {
  return row.version === undefined ? '-' : `${asciiOnly(row.version, 40)}${isOther(row, round) ? '*' : ''}`
}

/** Whether a part of Lanyard runs there that the webhook would not put there now. */
export const isOther = ({ version, mode }: Row, round: Round): boolean =>
  version !== undefined && mode !== 'direct' && round.version !== undefined && version !== round.version

/** How many pods run which version. */
export function versionsOf({ rows }: Round): ReadonlyMap<string, number> {
  const running = rows.filter(({ version, mode }) => version !== undefined && mode !== 'direct')
  const pods = Map.groupBy(running, ({ version }) => asciiOnly(version ?? '', 40))
  return new Map([...pods].map(([version, some]) => [version, podsOf(some)]))
}

export const podsOf = (rows: readonly Row[]): number =>
  new Set(rows.map(({ namespace, pod }) => `${namespace}/${pod}`)).size
