import {
  compareKeys,
  type IssuerFinding,
  issuerFindings,
  readDiscovery,
  readKeys,
  readPublished,
} from '../../issuer/index.ts'
import type { Check, Finding } from '../types.ts'
import type { IdentityGround, Intended } from './types.ts'

type Ground = IdentityGround
export const skip = (message: string): readonly Finding[] => [{ verdict: 'skip', message }]
const ok = (message: string): readonly Finding[] => [{ verdict: 'ok', message }]

export const NOBODY =
  'nothing is known of a role: no pod asks for one, or the configuration that would say it cannot be read'

/** The issuer as the pod's own token has it, else as the API server says. */
export async function issuerOf({ token, live }: Ground): Promise<string | undefined> {
  const seen = await token?.()
  if (seen !== undefined) return seen.token.issuer
  const documents = await live?.()
  return documents === undefined
    ? undefined
    : readDiscovery(documents.discovery, "the cluster's discovery document").issuer
}

export const seenInstead = (provider: string): string =>
  `AWS sees the tokens of the identity provider ${provider}, not the cluster's`

/** Why the cluster's issuer does not matter for this pod, if so. */
function irrelevant(intended: Intended | undefined): string | undefined {
  if (intended === undefined) return NOBODY
  if (intended.provider !== undefined) return seenInstead(intended.provider)
  if (!intended.isAws) return `STS is ${intended.stsEndpoint}, which is not AWS's and knows the issuer by its own means`
  return undefined
}

const toFindings = (subject: string, findings: readonly IssuerFinding[]): readonly Finding[] =>
  findings.map((finding) => ({ ...finding, subject }))

/** By the rules of IAM alone: nothing is asked for it. */
export const issuerAddress: Check<Ground> = {
  id: 'issuer',
  title: "AWS can take the cluster's issuer",
  look: async (ground) => {
    const [intended, issuer] = [await ground.intended(), await issuerOf(ground)]
    const why = irrelevant(intended)
    if (why !== undefined) return skip(why)
    if (issuer === undefined) return skip('the issuer is not known here')
    const findings = toFindings(issuer, issuerFindings(issuer))
    return findings.length > 0 ? findings : ok(issuer)
  },
}

/** As STS reads it: from outside, and in time. */
export const issuerPublished: Check<Ground> = {
  id: 'issuer-published',
  title: 'the issuer and its keys are public',
  needs: ['issuer'],
  look: async (ground, signal) => {
    const issuer = await issuerOf(ground)
    if (issuer === undefined) return skip('the issuer is not known here')
    const published = await readPublished(fetching(ground, signal), issuer)
    if (published.findings.length > 0) return toFindings(issuer, published.findings)
    const live = await ground.live?.()
    const seen = await ground.token?.()
    const keys = live === undefined ? [] : readKeys(live.keys, "the cluster's JWKS")
    const differences = compareKeys({ live: keys, published: published.keys ?? [], kid: seen?.kid })
    if (differences.length > 0) return toFindings(issuer, differences)
    return ok(live === undefined ? 'the key of the token is published' : 'every key of the cluster is published')
  },
}

const fetching =
  ({ fetchPublic, uptime }: Ground, signal: AbortSignal) =>
  async (url: string) => {
    const began = uptime()
    const { status, body } = await fetchPublic({ method: 'GET', url }, signal)
    return { status, body, took: uptime() - began }
  }
