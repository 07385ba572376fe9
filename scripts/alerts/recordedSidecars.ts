import {
  CLIENT_WINDOWS,
  type Clock,
  createSession,
  type RunningSession,
  type SessionCredentials,
} from '../../src/credentials/index.ts'
import { type Code, Failure } from '../../src/errors/index.ts'
import { type EndpointProtocol, type SidecarMetrics, sidecarMetrics } from '../../src/metrics/index.ts'

/** A pod of the recording, by its sidecar. */
export type PodPlan = {
  readonly namespace: string
  readonly pod: string
  readonly sessions: readonly string[]
  readonly protocol: EndpointProtocol
  /** When it is created, in Unix seconds. */
  readonly starts: number
  /** Seconds that a session lasts. */
  readonly lasts: number
  /** The pod's clock minus STS's, in milliseconds. */
  readonly ahead: number
  /** When the token that kubelet gave it expires, in Unix seconds. */
  readonly tokenExpires: number
  /** What STS says at an instant of its clock; undefined is credentials. */
  readonly refusal: (now: number) => Code | undefined
}

/** A sidecar as it runs, but for its sockets: the sessions and the metrics are the product's. */
export type RecordedSidecar = {
  readonly plan: PodPlan
  readonly metrics: SidecarMetrics
  /** An app asks each session once. */
  readonly serve: () => void
}

const ACCOUNT = '111122223333'

/** Starts the sessions of a pod by the clock of STS; `random` is uniform in [0, 1). */
export function startRecorded(plan: PodPlan, clock: Clock, random: () => number): RecordedSidecar {
  const { sessions, protocol, ahead } = plan
  const roleOf = (session: string): string => `arn:aws:iam::${ACCOUNT}:role/${plan.pod.split('-')[0]}-${session}`
  const metrics = sidecarMetrics({
    version: '0.1.0',
    sessions: sessions.map((session) => ({ session, role: roleOf(session) })),
    protocol,
  })
  const own: Clock = {
    ...clock,
    now: () => clock.now() + ahead,
    wakeAt: (at, wake) => clock.wakeAt(at - ahead, wake),
  }
  const running = sessions.map((name) => startSession({ name, role: roleOf(name), plan, own, clock, random, metrics }))
  const serve = (): void => {
    for (const session of running) {
      void session.asked(0)
      metrics.endpointRequest(protocol, session.view().kind === 'held' ? 200 : 503, 0.0004)
    }
  }
  return { plan, metrics, serve }
}

type Starting = {
  readonly name: string
  readonly role: string
  readonly plan: PodPlan
  readonly own: Clock
  readonly clock: Clock
  readonly random: () => number
  readonly metrics: SidecarMetrics
}

function startSession({ name, role, plan, own, clock, random, metrics }: Starting): RunningSession {
  const obtain = async (): Promise<SessionCredentials> => {
    const code = plan.refusal(clock.now())
    metrics.identityToken(plan.tokenExpires)
    metrics.stsRequest('AssumeRoleWithWebIdentity', code === 'StsTimeout' ? 3 : 0.05 + random() / 10)
    if (code !== undefined) throw new Failure({ code, message: 'as it was planned' })
    return credentialsOf(role, clock.now(), plan)
  }
  const session = createSession({
    name,
    obtain,
    clock: own,
    random,
    window: CLIENT_WINDOWS[plan.protocol],
    onSettled: (_, event) => {
      if (event.kind === 'failed') {
        metrics.refreshed({ session: name, result: 'failure', code: event.failure.code })
        return
      }
      const { issued, skew } = event.credentials
      metrics.refreshed({ session: name, result: 'success' })
      metrics.skew(skew / 1_000)
      metrics.obtained(name, (issued - skew) / 1_000)
    },
  })
  metrics.expiresBy(name, () => {
    const view = session.view()
    return view.kind === 'held' ? view.expires / 1_000 : undefined
  })
  session.start()
  return session
}

const credentialsOf = (roleArn: string, now: number, { lasts, ahead, pod }: PodPlan): SessionCredentials => ({
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'example',
  sessionToken: 'example',
  issued: now,
  expires: now + lasts * 1_000,
  // A difference of seconds is no skew, as STS's Date is a second coarse.
  skew: Math.abs(ahead) > 5_000 ? -ahead : 0,
  roleArn,
  assumedRoleArn: `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${pod}`,
  accountId: ACCOUNT,
})
