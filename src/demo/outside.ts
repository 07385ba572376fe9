import {
  createCertificateAuthority,
  type Issuer,
  type Sts,
  startIssuer,
  startSts,
  trustPolicy,
} from '../testbed/index.ts'
import { ACCOUNT, NAMESPACE, ROLE, SERVICE_ACCOUNT } from './deployment.ts'

/** What exists before Lanyard: a cluster's issuer, an AWS account with a role that trusts one service account, and TLS. */
export type Outside = {
  readonly ca: Awaited<ReturnType<typeof createCertificateAuthority>>
  readonly issuer: Issuer
  readonly sts: Sts
  /** The service account that the role's trust policy names. */
  readonly trusted: string
  readonly stop: () => Promise<void>
}

/** `trusted` is the service account that the role's trust policy names. */
export async function startOutside(now: () => number, trusted: string = SERVICE_ACCOUNT): Promise<Outside> {
  const ca = await createCertificateAuthority({ name: 'lanyard demo', now })
  const issuer = await startIssuer({ ca, now })
  const document = trustPolicy({
    issuer: issuer.url,
    accountId: ACCOUNT,
    namespace: NAMESPACE,
    serviceAccount: trusted,
  })
  const providers = [{ url: issuer.url, clientIds: ['sts.amazonaws.com'], ca: ca.pem }]
  const sts = await startSts({ ca, now, accountId: ACCOUNT, providers, roles: [{ name: ROLE, trustPolicy: document }] })
  return {
    ca,
    issuer,
    sts,
    trusted,
    stop: async () => {
      await sts.stop()
      await issuer.stop()
    },
  }
}
