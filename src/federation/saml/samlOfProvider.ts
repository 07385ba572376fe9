import type { Obtain } from '../../credentials/types.ts'
import type { PodIdentityProvider } from '../../settings/index.ts'
import type { Outbound } from '../outbound.ts'
import type { RoleRequest, Sts } from '../sts.ts'
import { ecpSource, type LoginSourceOptions } from './ecp.ts'
import { fileSource } from './fileSource.ts'
import { readMetadata } from './metadata.ts'
import { saml } from './saml.ts'
import type { ResponseSource, SourceParts } from './source.ts'
import { wsTrustSource } from './wsTrust.ts'

export type SamlProvider = Extract<PodIdentityProvider, { kind: 'saml' }>

export type SamlParts = SourceParts & {
  /** With the authorities of that identity provider. */
  readonly outbound: Outbound
  readonly sts: Pick<Sts, 'assumeRoleWithSaml'>
  /** Where the keys of the pod's Secret are mounted. */
  readonly secrets: string
  /** Where the volume with the file is mounted. */
  readonly files: string
  /** Reads files of that volume, which somebody else writes. */
  readonly readWritten?: SourceParts['read']
}

/**
 * How a session is obtained by a `saml` identity provider as the pod's sidecar is told of it. Throws Failure
 * SamlMetadataInvalid at once; the rest is the attempts'.
 */
export function samlOfProvider(provider: SamlProvider, request: RoleRequest, parts: SamlParts): Obtain {
  const { principalArn, serviceProvider, recipient, metadata } = provider
  const trusted = metadata === undefined ? {} : { trusted: readMetadata(metadata) }
  const options = { serviceProvider, recipient, now: parts.now, ...trusted }
  return saml(sourceOf(provider, parts), parts.sts, { ...request, principalArn }, options)
}

/** The webhook lets no provider without an endpoint or a path through. */
function sourceOf(provider: SamlProvider, parts: SamlParts): ResponseSource {
  const { source, endpoint = '', path = '', serviceProvider, recipient, usernameKey, passwordKey } = provider
  if (source === 'file') return fileSource(`${parts.files}/${path}`, { read: parts.readWritten ?? parts.read })
  const options: LoginSourceOptions = {
    endpoint,
    serviceProvider,
    recipient,
    usernameFile: `${parts.secrets}/${usernameKey}`,
    passwordFile: `${parts.secrets}/${passwordKey}`,
  }
  return source === 'ecp' ? ecpSource(options, parts.outbound, parts) : wsTrustSource(options, parts.outbound, parts)
}
