import type { Sample } from './exposition.ts'
import { type PodMemory, remember } from './memory.ts'
import type { OwnContainer, PodFacts } from './readPod.ts'
import { judgeSession, readSessions, type Said, startsWithin, troubleOf, versionIn } from './sessions.ts'
import type { Instant, Row, State, Trouble } from './types.ts'

/** What came of asking a container for its metrics; undefined where it was not asked. */
export type Asked = { readonly samples: readonly Sample[] } | { readonly trouble: Trouble } | undefined

/** `seen` is absent where nothing was seen that the next round should know. */
export type Looked = { readonly rows: readonly Row[]; readonly seen?: PodMemory }

const rowOf = ({ namespace, name, mode, version }: PodFacts, state: State): Row => ({
  namespace,
  pod: name,
  state,
  mode,
  containers: [],
  ...(version !== undefined && { version }),
})

/** The rows of a pod whose app asks STS itself, or that has no sidecar. */
export function rowsWithout(facts: PodFacts): readonly Row[] {
  if (facts.mode === 'direct') return byRole(facts, rowOf(facts, 'direct'))
  return [{ ...rowOf(facts, 'uninjected'), trouble: troubleOf('PodNotInjected') }]
}

/** The rows of a sidecar: what it says of its sessions, or why it says nothing. `seen` is what the last round knew. */
export function rowsOfSidecar(facts: PodFacts, sidecar: OwnContainer, asked: Asked, { now, seen }: Before): Looked {
  const samples = asked !== undefined && 'samples' in asked ? asked.samples : []
  const sessions = readSessions(samples) ?? []
  if (sessions.length === 0) {
    const trouble = silentTrouble(facts, sidecar, asked)
    const state = silentState(facts, sidecar, asked, now)
    return { rows: byRole(facts, { ...rowOf(facts, state), ...(trouble !== undefined && { trouble }) }) }
  }
  const known = new Map(sessions.map((said) => [said.session, remember(said, seen?.get(said.session))]))
  const version = versionIn(samples)
  const moment = { now, created: facts.created, mode: facts.mode }
  const rows = sessions.map((said) => ({
    ...rowOf(facts, 'ok'),
    ...judgeSession(said, known.get(said.session), moment),
    ...sessionFields(said),
    containers: containersOf(said.session, facts, sessions),
    ...(version !== undefined && { version }),
  }))
  return { rows, seen: known }
}

type Before = { readonly now: Instant; readonly seen: PodMemory | undefined }

const sessionFields = ({ session, role, expires, refreshed, failures }: Said): Partial<Row> => ({
  session,
  failures,
  ...(role !== undefined && { role }),
  ...(expires !== undefined && { expires }),
  ...(refreshed !== undefined && { refreshed }),
})

/** The session `default` is for all containers with a role that have none of their own. */
function containersOf(session: string, { roles }: PodFacts, all: readonly Said[]): readonly string[] {
  if (session !== 'default') return [session]
  const named = new Set(all.map((each) => each.session))
  return Object.keys(roles).filter((container) => !named.has(container))
}

/** A row for each role that the webhook wrote down; at least one. */
function byRole({ roles }: PodFacts, row: Row): readonly Row[] {
  const grouped = Map.groupBy(Object.entries(roles), ([, role]) => role)
  const rows = [...grouped].map(([role, entries]) => ({ ...row, role, containers: entries.map(([name]) => name) }))
  return rows.length === 0 ? [row] : rows
}

/** The row of a broker, whose failures are its users' and no trouble of the pod. */
export function rowOfBroker(facts: PodFacts, broker: OwnContainer, asked: Asked, now: Instant): Row {
  const samples = asked !== undefined && 'samples' in asked ? asked.samples : []
  const users = samples.find(({ name }) => name === 'lanyard_user_credentials_cache_entries')?.value
  const version = versionIn(samples)
  const isSeen = users !== undefined
  const trouble = isSeen ? undefined : silentTrouble(facts, broker, asked)
  return {
    ...rowOf(facts, isSeen ? 'ok' : silentState(facts, broker, asked, now)),
    mode: 'broker',
    ...(isSeen && { users }),
    ...(version !== undefined && { version }),
    ...(trouble !== undefined && { trouble }),
  }
}

/** The state of what said nothing. */
function silentState(facts: PodFacts, container: OwnContainer, asked: Asked, now: Instant): State {
  if (facts.isEnding) return 'ending'
  if (container.stopped !== undefined) return 'down'
  const isYoung = facts.created !== undefined && now - facts.created < startsWithin
  // A right that is missing is not a matter of time.
  const isRefused = asked !== undefined && 'trouble' in asked && asked.trouble.code === 'RightsMissing'
  if (isYoung && !isRefused) return 'starting'
  return asked === undefined ? 'down' : 'unseen'
}

/** Why it says nothing: what it said before it ended, what the cluster says of it, what came of asking. */
function silentTrouble(facts: PodFacts, { stopped, lastWords }: OwnContainer, asked: Asked): Trouble | undefined {
  if (lastWords !== undefined && (stopped !== undefined || asked === undefined))
    return { code: lastWords.code, word: lastWords.code, message: lastWords.message }
  const word = stopped ?? facts.unscheduled
  if (word !== undefined) return { word }
  if (asked === undefined) return { word: 'not started' }
  return 'trouble' in asked ? asked.trouble : { word: 'not Lanyard', message: 'what answers is no Lanyard' }
}
