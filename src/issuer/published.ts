import { Failure } from '../errors/index.ts'
import { notPublic } from './address.ts'
import { discoveryUrl, readDiscovery } from './documents.ts'
import { readKeys } from './keys.ts'
import type { IssuerFinding, PublicKey } from './types.ts'

/** One GET of what is public: no redirect is followed; rejects with a Failure where there is no answer. */
export type Fetch = (url: string) => Promise<{
  readonly status: number
  readonly body: string
  /** From the question to the whole answer, in milliseconds. */
  readonly took: number
}>

/** What is published of an issuer, as far as it could be read, and what is wrong with it. */
export type Published = { readonly keys: readonly PublicKey[] | undefined; readonly findings: readonly IssuerFinding[] }

/** How long STS waits for an issuer, in milliseconds. */
export const STS_PATIENCE = 5_000

/**
 * Reads the discovery document and the keys as STS does, by the issuer's address alone. Rejects with Failure SettingInvalid where
 * it is not the issuer's fault that nothing is read: the way out from here is not as it was meant.
 */
export async function readPublished(fetch: Fetch, issuer: string): Promise<Published> {
  const place = discoveryUrl(issuer)
  const first = await read(fetch, place, 'DiscoveryUnreachable', (text) => readDiscovery(text, place))
  if (first.value === undefined) return { keys: undefined, findings: first.findings }
  const { value: discovery } = first
  const different = discovery.issuer === issuer ? [] : [mismatch(discovery.issuer, issuer, place)]
  const hidden = hiddenKeys(discovery.jwksUri, issuer)
  if (hidden !== undefined) return { keys: undefined, findings: [...different, ...first.findings, hidden] }
  const second = await read(fetch, discovery.jwksUri, 'KeysUnreachable', (text) => readKeys(text, discovery.jwksUri))
  return { keys: second.value, findings: [...different, ...first.findings, ...second.findings] }
}

/** What a public document names of a private network, as far as its name tells, is asked by nobody: neither by STS nor from here. */
function hiddenKeys(jwksUri: string, issuer: string): IssuerFinding | undefined {
  const { protocol, hostname } = new URL(jwksUri)
  if (protocol !== 'https:')
    return {
      verdict: 'fail',
      code: 'DiscoveryInvalid',
      message: `its jwks_uri begins with ${protocol}//, not with https://`,
    }
  const why =
    URL.canParse(issuer) && notPublic(new URL(issuer).hostname) === undefined ? notPublic(hostname) : undefined
  return why === undefined ? undefined : { verdict: 'fail', code: 'IssuerNotPublic', message: `its jwks_uri: ${why}` }
}

type Read<T> = { readonly value: T | undefined; readonly findings: readonly IssuerFinding[] }

async function read<T>(
  fetch: Fetch,
  url: string,
  code: 'DiscoveryUnreachable' | 'KeysUnreachable',
  parse: (text: string) => T,
): Promise<Read<T>> {
  try {
    const { status, body, took } = await fetch(url)
    if (status !== 200) return none({ code, message: `${url} answers HTTP ${status}` })
    const slow: readonly IssuerFinding[] =
      took > STS_PATIENCE
        ? [{ verdict: 'fail', code: 'DiscoverySlow', message: `${url} took ${(took / 1_000).toFixed(1)} s` }]
        : []
    return { value: parse(body), findings: slow }
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code === 'SettingInvalid') throw thrown
    const [problem] = thrown.problems
    const isContent = thrown.code === 'DiscoveryInvalid' || thrown.code === 'KeysInvalid'
    const message = isContent ? `${problem?.field}: ${problem?.message}` : `${url}: ${problem?.message}`
    return none({ code: isContent ? thrown.code : code, message })
  }
}

const none = (finding: Omit<IssuerFinding, 'verdict'>): Read<never> => ({
  value: undefined,
  findings: [{ verdict: 'fail', ...finding }],
})

function mismatch(found: string, issuer: string, place: string): IssuerFinding {
  const shown = JSON.stringify(found.slice(0, 200))
  const slash = found.replace(/\/$/, '') === issuer.replace(/\/$/, '') ? ': a slash at the end is the difference' : ''
  const message = `${place} names the issuer ${shown}, and tokens have ${JSON.stringify(issuer)}${slash}`
  return { verdict: 'fail', code: 'IssuerMismatch', message }
}
