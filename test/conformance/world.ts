import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Issuer,
  type RequestRecord,
  type Sts,
  startIssuer,
  startSts,
  trustPolicy,
} from '../../src/testbed/index.ts'

export const ACCOUNT = '111122223333'
export const NAMESPACE = 'shop'
export const SERVICE_ACCOUNT = 'web'
/** A path, and the characters of a name that clients may encode in a URL. */
export const ROLE = { path: '/apps/', name: 'web+orders@eu=1' }
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role${ROLE.path}${ROLE.name}`

/** What exists before any pod: a cluster's issuer, and an authority for what speaks TLS. */
export type World = {
  readonly folder: string
  readonly ca: CertificateAuthority
  readonly caFile: string
  readonly issuer: Issuer
  /** An account of its own for every pod, so that what fails there fails nobody else. */
  openAccount(onRequest: (record: RequestRecord) => void, now: () => number): Promise<Sts>
  stop(): Promise<void>
}

export async function openWorld(folder: string): Promise<World> {
  const now = Date.now
  const ca = await createCertificateAuthority({ name: 'conformance', now })
  const issuer = await startIssuer({ ca, now })
  const caFile = join(folder, 'ca.pem')
  mkdirSync(folder, { recursive: true })
  writeFileSync(caFile, ca.pem)
  const document = trustPolicy({
    issuer: issuer.url,
    accountId: ACCOUNT,
    namespace: NAMESPACE,
    serviceAccount: SERVICE_ACCOUNT,
  })
  const providers = [{ url: issuer.url, clientIds: ['sts.amazonaws.com'], ca: ca.pem }]
  const roles = [{ ...ROLE, trustPolicy: document }]
  return {
    folder,
    ca,
    caFile,
    issuer,
    openAccount: (onRequest, clock) => startSts({ ca, now: clock, accountId: ACCOUNT, providers, roles, onRequest }),
    stop: () => issuer.stop(),
  }
}
