import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSts } from '../../src/aws/index.ts'
import { Failure } from '../../src/errors/index.ts'
import { assumeRole, type Outbound, type TokenSource, webIdentity } from '../../src/federation/index.ts'
import { clientCredentials, type OAuthParts, tokenExchange, verifiedFile } from '../../src/federation/oauth/index.ts'
import { restingLogins, type SamlProvider, samlOfProvider } from '../../src/federation/saml/index.ts'
import { readFileUpTo, readFileWithin, stateFile } from '../../src/files/index.ts'
import { createOutbound } from '../../src/outbound/index.ts'
import type { PodIdentityProvider } from '../../src/settings/index.ts'
import { VERSION } from '../../src/version.ts'
import { byServiceAccount, type ExchangeParts, type Exchanges, ownToken, TIMEOUTS } from './exchanges.ts'

/** All that Lanyard can make credentials of. */
export const allExchanges: Exchanges = { openSts: createSts, byIdentity, more: { byRole: assumeRole } }

function byIdentity(parts: ExchangeParts): ReturnType<Exchanges['byIdentity']> {
  const provider = parts.config['provider.config']
  if (provider === undefined) return byServiceAccount(parts)
  if (provider.kind === 'saml') return bySaml(provider, parts)
  const source = parts.watch(tokenSourceOf(provider, parts))
  return (request) => webIdentity(source, parts.sts, request)
}

type Of<K> = Extract<PodIdentityProvider, { kind: K }>

function tokenSourceOf(
  provider: Of<'oidc-client-credentials' | 'token-exchange' | 'file'>,
  parts: ExchangeParts,
): TokenSource {
  const { config, now } = parts
  if (provider.kind === 'file') {
    const directory = config['provider.fileDirectory']
    return verifiedFile(provider, {
      path: `${directory}/${provider.path}`,
      read: readFileWithin(directory, MOST_OF_TOKEN),
      now,
    })
  }
  const secretFile = `${config['provider.directory']}/secret/${provider.secretKey}`
  const given: OAuthParts = {
    subject: ownToken(parts),
    readSecret: async () => readFileSync(secretFile, 'utf8'),
    newId: randomUUID,
    outbound: outboundOf(provider, parts),
    now,
  }
  return provider.kind === 'token-exchange' ? tokenExchange(provider, given) : clientCredentials(provider, given)
}

/** Above the 20,000 characters that STS takes of a token. */
const MOST_OF_TOKEN = 65_536
/** Above the 100,000 characters that STS takes of an assertion, so that one that is too long is seen to be. */
const MOST_OF_ASSERTION = 262_144

function bySaml(provider: SamlProvider, parts: ExchangeParts): ReturnType<Exchanges['byIdentity']> {
  const { config, sts, now } = parts
  const given = {
    outbound: outboundOf(provider, parts),
    sts,
    secrets: `${config['provider.directory']}/secret`,
    files: config['provider.fileDirectory'],
    read: readFileUpTo(MOST_OF_ASSERTION),
    readWritten: readFileWithin(config['provider.fileDirectory'], MOST_OF_ASSERTION),
    logins: restingLogins(now, stateFile(config['state.directory'], 'login.json')),
    randomId: () => randomBytes(16).toString('hex'),
    now,
  }
  return (request) => samlOfProvider(provider, request, given)
}

/** Metadata, keys, tokens and assertions are far smaller. */
const MOST_OF_ANSWER = 524_288

function outboundOf(
  provider: Of<'oidc-client-credentials' | 'token-exchange' | 'saml'>,
  { config, now }: ExchangeParts,
): Outbound {
  return createOutbound({
    ca:
      provider.ca ??
      mountedAuthority(provider.caConfigMap, `${config['provider.directory']}/ca/${provider.caConfigMapKey}`),
    proxy: config['outbound.proxy'],
    noProxy: config['outbound.noProxy'],
    ...TIMEOUTS,
    maxBytes: MOST_OF_ANSWER,
    now,
    version: VERSION,
  })
}

/** Read once: a sidecar that is told of other authorities is another pod's. */
function mountedAuthority(configMap: string | undefined, path: string): string | undefined {
  if (configMap === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Failure({
      code: 'FileUnreadable',
      field: path,
      message: `the ConfigMap ${configMap} is not mounted there`,
    })
  }
}
