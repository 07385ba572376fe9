import { exportJWK, generateKeyPair } from 'jose'
import type { CertificateAuthority } from '../../src/testbed/index.ts'
import { withCertificate } from '../servers/x5c.ts'
import { type OidcProvider, startOidcProvider } from '../support/oidcProvider.ts'

/** A person's account at a provider. */
export type Account = { readonly username: string; readonly password: string; readonly name: string }

export type Login = {
  /** As the operator calls it. */
  readonly name: string
  readonly title: string
  readonly issuer: string
  readonly clientId: string
  readonly secret: string | undefined
  readonly algorithm: 'RS256' | 'ES256'
  readonly thumbprint: string
  readonly accounts: readonly Account[]
  readonly stop: () => Promise<void>
}

/** Another app of the same providers: what is meant for it is meant for nobody here. */
export const OTHER_APP = 'other-app'

/** At both providers the same subjects: a user is who somebody is *at a provider*. */
const accounts = [1, 2].map((number) => ({
  id: `subject-${number}`,
  username: `user${number}`,
  password: `password-of-${number}`,
  name: `User ${number}`,
}))

type Options = {
  readonly ca: CertificateAuthority
  readonly name: string
  readonly title: string
  readonly algorithm: 'RS256' | 'ES256'
  readonly secret?: string
  /** Bases of the apps, this one's and the other's. */
  readonly apps: { readonly app: string; readonly other: string }
}

/** A sign-in provider with two users and two apps; its signing key has the certificate that Ceph wants. */
export async function startLogin({ ca, name, title, algorithm, secret, apps }: Options): Promise<Login> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const plain = { ...(await exportJWK(privateKey)), alg: algorithm, kid: `key-of-${name}`, use: 'sig' }
  const { jwk, thumbprint } = await withCertificate(plain)
  const clientId = `files-at-${name}`
  const web = { kind: 'web', ...(secret !== undefined && { secret }) } as const
  const provider: OidcProvider = await startOidcProvider({
    ca,
    algorithm,
    title,
    signingKey: jwk,
    tokenLifetime: 3_600,
    accounts,
    clients: [
      { ...web, clientId, redirectUris: [`${apps.app}/callback/${name}`] },
      { ...web, clientId: OTHER_APP, redirectUris: [`${apps.other}/callback/${name}`] },
    ],
  })
  const { url: issuer, stop } = provider
  return { name, title, issuer, clientId, secret, algorithm, thumbprint, accounts, stop }
}
