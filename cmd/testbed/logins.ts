import {
  type AmazonLogin,
  type CertificateAuthority,
  type FacebookLogin,
  type LoginProvider,
  startAmazonLogin,
  startFacebookLogin,
} from '../../src/testbed/index.ts'
import type { TestbedConfig } from './config.ts'
import { named } from './named.ts'
import type { LoginName } from './trust.ts'

type Login = {
  readonly name: LoginName
  /** As the STS beside it asks. */
  readonly provider: LoginProvider
  readonly issueToken: (user: string, options: { expiresIn?: number; appId?: string }) => string
  readonly stop: () => Promise<void>
}

const starts = { amazon: startAmazonLogin, facebook: startFacebookLogin }

/** The logins of a configuration. They answer by its names, and by the address at which the STS beside them asks. */
export async function startLogins(
  { logins, identity, host }: TestbedConfig,
  ca: CertificateAuthority | undefined,
): Promise<Login[]> {
  const started: Login[] = []
  if (ca === undefined || 'certFile' in identity) return started
  const own = host === '0.0.0.0' ? '127.0.0.1' : host
  for (const [at, { name, port, clientId, appId }] of logins.entries()) {
    const certificate = await ca.issue([...identity.hosts, own])
    const app = { ...(clientId !== undefined && { clientId }), ...(appId !== undefined && { appId }) }
    const options = { ca, certificate, now: Date.now, host, port, ...app }
    const { provider, issueToken, stop } = await named<AmazonLogin | FacebookLogin>(
      `logins[${at}].port`,
      starts[name](options),
    )
    const tokenInfoUrl = provider.tokenInfoUrl.replace('//0.0.0.0:', '//127.0.0.1:')
    started.push({ name, provider: { ...provider, tokenInfoUrl }, issueToken, stop })
  }
  return started
}
