import { Failure } from '../errors/index.ts'
import { parseDocument } from './documents.ts'
import type { IssuerFinding, PublicKey } from './types.ts'

/** RFC 7518, section 6: members of the public part, in the order of RFC 7638, and those that are private. */
const PUBLIC = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'] } as const
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const MOST_KEYS = 100
/** Of signatures that STS checks (IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM"). */
const ALGORITHMS = { RSA: /^RS(256|384|512)$/, EC: /^ES(256|384|512)$/ } as const
/** Bytes of the modulus: 2048 bits. */
const LEAST_MODULUS = 256

type Jwk = Readonly<Record<string, unknown>>

/** Reads the keys for signatures of a JWKS (RFC 7517, section 5). Throws Failure KeysInvalid, which names `place`. */
export function readKeys(text: string, place: string): readonly PublicKey[] {
  const keys = parseDocument(text)?.['keys']
  if (!Array.isArray(keys)) throw wrong(place, 'it is no JSON object with keys')
  if (keys.length === 0) throw wrong(place, 'it has no key')
  if (keys.length > MOST_KEYS) throw wrong(place, `it has more than ${MOST_KEYS} keys`)
  const read = keys.flatMap((key: unknown, index) => readKey(key, `${place}: keys[${index}]`) ?? [])
  if (read.length === 0) throw wrong(place, 'it has no key for signatures')
  const twice = read.find(({ kid }, index) => read.findIndex((other) => other.kid === kid) !== index)
  if (twice !== undefined) throw wrong(place, `it has the kid ${quoted([twice.kid])} twice`)
  return read
}

/** Undefined for a key that is for something else than signatures. */
function readKey(key: unknown, place: string): PublicKey | undefined {
  if (typeof key !== 'object' || key === null) throw wrong(place, 'it is no object')
  const jwk = key as Jwk
  if (PRIVATE.some((member) => member in jwk))
    throw wrong(place, 'it has a private part, which must never leave its owner')
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return undefined
  const { kid, kty } = jwk
  if (typeof kid !== 'string' || kid === '') throw wrong(place, 'it has no kid')
  if (kty !== 'RSA' && kty !== 'EC') throw wrong(place, 'its kty is neither RSA nor EC')
  return { kid, kty, ...algorithmOf(jwk, kty, place), thumbprint: thumbprintOf(jwk, kty, place) }
}

function algorithmOf({ alg }: Jwk, kty: PublicKey['kty'], place: string): { readonly alg?: string } {
  if (alg === undefined) return {}
  if (typeof alg === 'string' && ALGORITHMS[kty].test(alg)) return { alg }
  throw wrong(place, `its alg is none by which ${kty === 'RSA' ? 'an RSA' : 'an EC'} key signs what STS takes`)
}

function thumbprintOf(jwk: Jwk, kty: PublicKey['kty'], place: string): string {
  const members = Object.fromEntries(PUBLIC[kty].map((name) => [name, textOf(jwk, name, place)]))
  if (kty === 'RSA' && ((members['n']?.length ?? 0) * 3) / 4 < LEAST_MODULUS)
    throw wrong(place, 'its RSA key has fewer than 2048 bits')
  return JSON.stringify(members)
}

function textOf(jwk: Jwk, name: string, place: string): string {
  const text = jwk[name]
  if (typeof text === 'string' && /^[\w-]+$/.test(text)) return text
  throw wrong(place, `its ${name} is not in base64url`)
}

/** A JWKS with the public members alone, whatever else the cluster's has. */
export function writeKeys(keys: readonly PublicKey[]): string {
  const written = keys.map(({ kid, alg, thumbprint }) => ({
    use: 'sig',
    kid,
    ...(alg !== undefined && { alg }),
    ...(JSON.parse(thumbprint) as object),
  }))
  return `${JSON.stringify({ keys: written }, null, 2)}\n`
}

/** What the discovery document says they sign with; RS256 where a key does not say it. */
export const algorithmsOf = (keys: readonly PublicKey[]): readonly string[] =>
  [...new Set(keys.map(({ alg = 'RS256' }) => alg))].sort()

export type Compared = {
  /** Of the API server. */
  readonly live: readonly PublicKey[]
  readonly published: readonly PublicKey[]
  /** The one that a token names. */
  readonly kid?: string | undefined
}

/** Whether STS finds the key of every token that the cluster signs. */
export function compareKeys({ live, published, kid }: Compared): readonly IssuerFinding[] {
  const isPublished = (key: PublicKey): boolean =>
    published.some((other) => other.kid === key.kid && other.thumbprint === key.thumbprint)
  const missing = live.filter((key) => !isPublished(key)).map((key) => key.kid)
  const unknown = kid !== undefined && !published.some((key) => key.kid === kid)
  if (live.length > 0 && missing.length === live.length)
    return [
      {
        verdict: 'fail',
        code: 'KeysOutdated',
        message: `none of ${count(live.length)} of the cluster is published: ${quoted(missing)}`,
      },
    ]
  if (unknown)
    return [
      {
        verdict: 'fail',
        code: 'KeyUnpublished',
        message: `the token is signed by the key ${quoted([kid])}, which is not published`,
      },
    ]
  if (missing.length === 0) return []
  const message = `of ${count(live.length)} of the cluster ${missing.length} ${missing.length === 1 ? 'is' : 'are'} not published: ${quoted(missing)}`
  return [{ verdict: 'fail', code: 'KeyUnpublished', message }]
}

const count = (keys: number): string => (keys === 1 ? '1 key' : `${keys} keys`)
const quoted = (kids: readonly string[]): string =>
  kids
    .slice(0, 5)
    .map((kid) => JSON.stringify(kid.slice(0, 80)))
    .join(', ')

const wrong = (field: string, message: string): Failure => new Failure({ code: 'KeysInvalid', field, message })
