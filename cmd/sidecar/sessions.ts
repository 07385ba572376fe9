import { createHash } from 'node:crypto'
import {
  CLIENT_WINDOWS,
  type Clock,
  createSession,
  type KeptSessions,
  lookAt,
  type Obtain,
  type RunningSession,
  restoreState,
} from '../../src/credentials/index.ts'
import { Failure } from '../../src/errors/index.ts'
import { type Hop, heldBy, type IdentityRequest, type SessionPlan, type Sts } from '../../src/federation/index.ts'
import type { SidecarMetrics } from '../../src/metrics/index.ts'
import { VERSION } from '../../src/version.ts'
import { type Exchanges, TIMEOUTS } from './exchanges.ts'
import { shown, timed, watched } from './instruments.ts'
import type { Settled } from './record.ts'
import type { SidecarSettings } from './settings.ts'

type Opening = SidecarSettings & {
  readonly clock: Clock
  readonly exchanges: Exchanges
  readonly metrics: SidecarMetrics
  readonly settled: Settled
  /** Filled with what is kept of each session. */
  readonly kept: Record<string, KeptSessions[string]>
  /** What an earlier run left. */
  readonly left: unknown
}

export type Sessions = ReadonlyMap<SessionPlan, RunningSession>

/** A session per plan, with what an earlier run of the sidecar knew; nothing is asked of STS yet. */
export function openSessions(parts: Opening): Sessions {
  const { clock, exchanges, metrics, plans } = parts
  const sts = timed(openSts(parts), metrics)
  const watch = (source: Parameters<typeof watched>[0]): ReturnType<typeof watched> => watched(source, metrics)
  const byIdentity = exchanges.byIdentity({ ...parts, sts, now: clock.now, watch })
  const opened = new Map<SessionPlan, RunningSession>()
  // In their order: those that others go on from come first.
  for (const plan of plans)
    opened.set(
      plan,
      openOne(plan, { ...parts, obtain: obtainOf(plan, { opened, sts, exchanges, byIdentity }), opened }),
    )
  return opened
}

function openSts({ config, values, clock, exchanges }: Opening): Sts {
  const { region, stsEndpoint: endpoint } = values
  return exchanges.openSts({
    region,
    endpoint,
    ca: config['sts.ca'],
    fips: config['aws.fips'],
    dualStack: config['aws.dualStack'],
    proxy: config['outbound.proxy'],
    noProxy: config['outbound.noProxy'],
    ...TIMEOUTS,
    now: clock.now,
    version: VERSION,
  })
}

type Ways = {
  readonly opened: Sessions
  readonly sts: Sts
  readonly exchanges: Exchanges
  readonly byIdentity: (request: IdentityRequest) => Obtain
}

function obtainOf({ hop }: SessionPlan, { opened, sts, exchanges, byIdentity }: Ways): Obtain {
  if (hop.kind === 'identity') return byIdentity(hop.request)
  const before = [...opened].find(([{ name }]) => name === hop.from)
  if (before === undefined || exchanges.more === undefined)
    throw new Failure({ code: 'Internal', message: 'a chain that this program cannot follow was not refused' })
  const [plan, session] = before
  return exchanges.more.byRole(heldBy(session, plan.hop.request.roleArn), sts, hop.request)
}

type OpeningOne = Opening & { readonly obtain: Obtain; readonly opened: Sessions }

function openOne(plan: SessionPlan, parts: OpeningOne): RunningSession {
  const { clock, config, values, metrics, settled, kept, left, obtain, opened, plans } = parts
  const { name } = plan
  const { audience, region, stsEndpoint, protocol = 'container', identityProvider } = values
  const asked = [
    config['pod.uid'],
    hopsTo(plan, plans),
    audience,
    region,
    stsEndpoint,
    identityProvider,
    config['provider.config'],
  ]
  const fingerprint = digestOf(asked)
  const restored = restoreState(left, name, fingerprint, lookAt(clock))
  if (restored !== undefined) kept[name] = { fingerprint, state: restored }
  if (restored?.held !== undefined) {
    const { issued, skew } = restored.held.credentials
    metrics.obtained(name, (issued - skew) / 1000)
  }
  const session = createSession({
    name,
    obtain,
    clock,
    random: Math.random,
    window: CLIENT_WINDOWS[protocol],
    onSettled: (state, event) => {
      settled({ name, fingerprint }, state, event)
      if (event.kind === 'obtained') for (const next of behind(plan, opened)) next.unblock()
    },
    ...(restored !== undefined && { restored }),
  })
  return shown(session, metrics)
}

/** Short, whatever is told of an identity provider: it is kept once for each session, and there is little room. */
function digestOf(asked: readonly unknown[]): string {
  const text = JSON.stringify(asked, (_, value: unknown) => (value instanceof Map ? [...value] : value))
  return createHash('sha256').update(text).digest('base64url')
}

/** From the last to the pod's identity: what came before makes another session of it. */
function hopsTo({ hop }: SessionPlan, plans: readonly SessionPlan[]): readonly Hop[] {
  const before = hop.kind === 'chain' ? plans.find(({ name }) => name === hop.from) : undefined
  return before === undefined ? [hop] : [hop, ...hopsTo(before, plans)]
}

/** The sessions that go on from this one. */
const behind = ({ name }: SessionPlan, opened: Sessions): readonly RunningSession[] =>
  [...opened].flatMap(([{ hop }, session]) => (hop.kind === 'chain' && hop.from === name ? [session] : []))
