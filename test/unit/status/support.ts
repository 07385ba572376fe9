import { sidecarMetrics } from '../../../src/metrics/index.ts'
import type { Row } from '../../../src/status/index.ts'

export const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
export const MINUTE = 60_000
export const roleOf = (name: string): string => `arn:aws:iam::111122223333:role/${name}`
const isoOf = (time: number): string => new Date(time).toISOString()

type Told = {
  readonly session?: string
  readonly role?: string
  /** Milliseconds from now. */
  readonly expiresIn?: number
  readonly refreshedAgo?: number
  readonly failures?: Readonly<Record<string, number>>
}

/** What a sidecar of these sessions says. */
export async function exposition(sessions: readonly Told[], now = NOW, version = '1.0.0'): Promise<string> {
  const labels = sessions.map(({ session = 'default', role = roleOf('web') }) => ({ session, role }))
  const metrics = sidecarMetrics({ version, sessions: labels })
  for (const { session = 'default', expiresIn, refreshedAgo, failures = {} } of sessions) {
    if (expiresIn !== undefined) metrics.expiresBy(session, () => (now + expiresIn) / 1_000)
    if (refreshedAgo !== undefined) metrics.obtained(session, (now - refreshedAgo) / 1_000)
    for (const [code, count] of Object.entries(failures))
      for (let index = 0; index < count; index += 1) metrics.refreshed({ session, result: 'failure', code })
  }
  return (await metrics.text()).body
}

/** Half an hour old, half an hour to go: nothing is wrong. */
export const fine = { expiresIn: 40 * MINUTE, refreshedAgo: 20 * MINUTE } as const

type PodParts = {
  readonly namespace?: string
  readonly uid?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly status?: Readonly<Record<string, unknown>> | string | null
  readonly roles?: Readonly<Record<string, string>>
  readonly mode?: 'direct' | 'imds'
  readonly ago?: number
  readonly sidecar?: boolean
  readonly broker?: boolean
  readonly port?: number
  readonly metadata?: object
  /** Of the sidecar, as kubelet tells of it. */
  readonly state?: object
  readonly lastState?: object
}

/** A pod as the API server has it. */
export function podOf(name: string, parts: PodParts = {}): object {
  const { namespace = 'shop', uid = `uid-${name}`, roles = { app: roleOf('web') }, mode, ago = 60 * MINUTE } = parts
  const { annotations, status, sidecar = mode !== 'direct', broker = false, port = 9798, metadata } = parts
  const { state = { running: {} }, lastState = {} } = parts
  const how =
    mode === undefined ? { mode: 'sidecar' } : mode === 'imds' ? { mode: 'sidecar', protocol: 'imds' } : { mode }
  const written = JSON.stringify({ version: '1.0.0', ...how, roles })
  const own = [...(sidecar ? ['lanyard'] : []), ...(broker ? ['lanyard-broker'] : [])]
  return {
    metadata: {
      name,
      namespace,
      uid,
      creationTimestamp: isoOf(NOW - ago),
      annotations: annotations ?? { 'lanyard.dev/role-arn': roleOf('web'), 'lanyard.dev/status': written },
      ...metadata,
    },
    spec: {
      initContainers: own.map((each, index) => ({ name: each, ports: [{ containerPort: port + index }] })),
      containers: [{ name: 'app' }],
    },
    status:
      status === undefined
        ? {
            phase: 'Running',
            podIP: '10.0.0.1',
            initContainerStatuses: own.map((each) => ({ name: each, state, lastState })),
          }
        : status,
  }
}

export const rowOf = (parts: Partial<Row> = {}): Row => ({
  namespace: 'shop',
  pod: 'web',
  state: 'ok',
  mode: 'sidecar',
  containers: ['app'],
  role: roleOf('web'),
  version: '1.0.0',
  ...parts,
})
