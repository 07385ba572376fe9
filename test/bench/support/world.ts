import {
  createCertificateAuthority,
  type Role,
  startIssuer,
  startSts,
  trustPolicy,
} from '../../../src/testbed/index.ts'
import type { PodOptions } from '../../integration/sidecar/pod.ts'
import type { AtEnd } from '../../support/processes.ts'

const ACCOUNT = '111122223333'
const AUDIENCE = 'sts.amazonaws.com'
const SERVICE_ACCOUNT = { namespace: 'shop', serviceAccount: 'web' } as const
/** The credentials' roles: the first is that of a pod which says nothing else. */
const roleName = (index: number): string => (index === 0 ? 'web' : `web-${index}`)

/** A cluster's issuer, and an STS that verifies, by TLS on loopback; their clock can be set ahead. */
export type BenchWorld = PodOptions['world'] & {
  /** The URL of STS. */
  readonly sts: string
  readonly roleArn: (index: number) => string
  /** Milliseconds. */
  readonly setAhead: (time: number) => void
}

export async function startBenchWorld(atEnd: AtEnd, { roles = 1 } = {}): Promise<BenchWorld> {
  let ahead = 0
  const now = (): number => Date.now() + ahead
  const ca = await createCertificateAuthority({ name: 'bench', now })
  const issuer = await startIssuer({ ca, now })
  atEnd(issuer.stop)
  const document = trustPolicy({ issuer: issuer.url, accountId: ACCOUNT, ...SERVICE_ACCOUNT })
  const sts = await startSts({
    ca,
    now,
    accountId: ACCOUNT,
    providers: [{ url: issuer.url, clientIds: [AUDIENCE], ca: ca.pem }],
    roles: Array.from({ length: roles }, (_, index): Role => ({ name: roleName(index), trustPolicy: document })),
  })
  atEnd(sts.stop)
  return {
    ca,
    sts: sts.url,
    roleArn: (index) => `arn:aws:iam::${ACCOUNT}:role/${roleName(index)}`,
    setAhead: (time) => {
      ahead = time
    },
    token: ({ audience = AUDIENCE, expiresIn = 86_400 } = {}) =>
      issuer.serviceAccountToken({ ...SERVICE_ACCOUNT, pod: 'web-0', audience, expiresIn }),
  }
}
