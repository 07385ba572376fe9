import { annotationOf } from '../settings/index.ts'
import { asciiOnly } from '../terminal/ascii.ts'
import { formatDuration } from '../terminal/duration.ts'
import { fold, LEAST } from '../terminal/help.ts'
import type { Style } from '../terminal/style.ts'
import { fitTable } from '../terminal/table.ts'
import { isOther, podsOf, tableOf, versionsOf } from './columns.ts'
import { type Instant, isTroubled, type Round, type Row, STATES, type State } from './types.ts'

export type View = {
  readonly style: Style
  readonly now: Instant
  readonly isWide: boolean
  /** How the program was called: `lanyard`, `kubectl lanyard`. */
  readonly program: string
  /** Columns and lines of the terminal; as many as it takes where absent. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** The table with what it comes to below it, a line each. `heading` stands above and counts as one of the lines. */
export function formatRound(round: Round, view: View, heading: readonly string[] = []): readonly string[] {
  const foot = footOf(round, view)
  if (round.rows.length === 0) return [...heading, ...foot]
  const { columns, cells } = tableOf({ round, ...view })
  const [titles = '', ...lines] = fitTable(columns, cells, view.width)
  const room = (view.height ?? Number.POSITIVE_INFINITY) - heading.length - foot.length - 2
  const shown = lines.length <= room ? lines.length : Math.max(0, room - 1)
  const painted = lines.slice(0, shown).map((line, index) => paint(line, round.rows[index]?.state ?? 'ok', view.style))
  const rest = shown === lines.length ? [] : [view.style.dim(restOf(round.rows.slice(shown)))]
  return [...heading, view.style.bold(titles), ...painted, ...rest, '', ...foot]
}

function paint(line: string, state: State, style: Style): string {
  if (state === 'failing' || state === 'unseen') return style.bold(line)
  if (isTroubled(state)) return style.red(line)
  return state === 'ok' ? line : style.dim(line)
}

const restOf = (rows: readonly Row[]): string =>
  `… and ${rows.length} more${rows.some(({ state }) => isTroubled(state)) ? '' : ', none in trouble'}`

const WORDS: Readonly<Record<State, string>> = {
  expired: 'expired',
  none: 'without credentials',
  down: 'not running',
  uninjected: 'without a sidecar',
  failing: 'not renewed',
  unseen: 'unseen',
  starting: 'starting',
  ending: 'ending',
  ok: 'well',
  direct: 'direct',
}

/** How many pods fare how, each by the worst of its rows. */
export function countStates({ rows }: Round): ReadonlyMap<State, number> {
  const pods = Map.groupBy(rows, ({ namespace, pod }) => `${namespace}/${pod}`)
  const worst = [...pods.values()].map((some) => STATES.find((state) => some.some((row) => row.state === state)))
  const counts = STATES.map((state) => [state, worst.filter((each) => each === state).length] as const)
  return new Map(counts.filter(([, count]) => count > 0))
}

/** Folded, since a line that the terminal wraps would be one more than was counted. */
function footOf(round: Round, { program, style, width = Number.POSITIVE_INFINITY }: View): readonly string[] {
  const room = width < LEAST ? Number.POSITIVE_INFINITY : width
  const folded = (line: string | readonly string[]): readonly string[] => fold(line, 0, room).split('\n')
  if (round.rows.length === 0) return nobody(round).flatMap(folded)
  const finished = round.finished === 0 ? [] : [`${round.finished} finished`]
  const counts = [...countStates(round)].map(([state, count]) => `${count} ${WORDS[state]}`)
  const pods = `${round.pods} ${round.pods === 1 ? 'pod' : 'pods'}`
  const summary = `${pods} in ${seconds(round.took)}: ${[...counts, ...finished].join(', ')}.`
  const next = nextOf(round, program, room)
  return [
    ...[summary, ...versionLines(round)].flatMap(folded),
    ...(next === undefined ? [] : folded(next).map(style.bold)),
  ]
}

/** What was looked for; and how a pod asks, if none ever has. */
function nobody({ namespace, selector, finished }: Round): readonly string[] {
  const labels = selector === undefined ? '' : ` and labels ${asciiOnly(selector, 200)}`
  const what = `pods with Lanyard${labels} in ${namespace === undefined ? 'the cluster' : `namespace ${namespace}`}`
  if (finished > 0) return [`No running ${what}; ${finished} finished.`]
  return [
    `No ${what}.`,
    `A pod asks by the annotation ${annotationOf('roleArn')}, in a Deployment at spec.template.metadata.annotations.`,
  ]
}

const seconds = (time: number): string => `${(time / 1_000).toFixed(1)}s`

function versionLines(round: Round): readonly string[] {
  const others = podsOf(round.rows.filter((row) => isOther(row, round)))
  if (others > 0)
    return [
      `* not of the webhook's version ${asciiOnly(round.version ?? '', 40)}: ${others}. They get it when they are made anew (kubectl rollout restart).`,
    ]
  const versions = [...versionsOf(round)]
  if (versions.length < 2) return []
  return [`Versions: ${versions.map(([version, count]) => `${version} in ${count}`).join(', ')}.`]
}

/**
 * Where to go on from here, in words that stay together: of a command a name must not begin a line, where it would be one itself.
 * Where the pod's does not fit it is the namespace's, or none.
 */
function nextOf({ rows }: Round, program: string, room: number): string | readonly string[] | undefined {
  const first = rows.find(({ state }) => isTroubled(state))
  if (first === undefined) return undefined
  if (first.trouble?.code === 'RightsMissing')
    return 'Ask for the right to get pods/proxy there: metrics cannot be read without.'
  const [pod, namespace] = [`pod/${first.pod}`, `-n ${first.namespace}`]
  const fitting = [[pod, namespace], [namespace]].find((words) => words.every(({ length }) => length <= room))
  return fitting && ['Next:', ...program.split(' '), 'doctor', ...fitting]
}

/** One line above a picture that is painted again and again. */
export const headingOf = (round: Round, now: Instant, interval: number): string =>
  `${round.namespace ?? 'All namespaces'}, read ${formatDuration(now - round.at)} ago, every ${formatDuration(interval)}. Ctrl-C ends.`
