import { Failure } from '../errors/index.ts'
import { type JsonObject, parseObject } from '../json/index.ts'
import type { Discovery } from './types.ts'

/** Of either document: both have a few kB. */
export const MOST_CHARACTERS = 1024 * 1024

/** OpenID Connect Discovery 1.0, section 4: a slash at the end of the issuer is left out. */
export const discoveryUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** Where Kubernetes has its keys, below the issuer. */
export const jwksUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/openid/v1/jwks`

/** Reads a discovery document. Throws Failure DiscoveryInvalid, which names `place`. */
export function readDiscovery(text: string, place: string): Discovery {
  const document = parseDocument(text)
  if (document === undefined) throw wrong(place, 'it is no JSON object')
  const { issuer, jwks_uri: jwksUri } = document
  if (typeof issuer !== 'string' || issuer === '') throw wrong(place, 'it has no issuer')
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw wrong(place, 'it has no jwks_uri')
  return { issuer, jwksUri }
}

/**
 * The discovery document to publish: as Kubernetes writes it, with the address of the keys that are published (OpenID Connect
 * Discovery 1.0, section 3).
 */
export function writeDiscovery({ issuer, jwksUri }: Discovery, algorithms: readonly string[]): string {
  const document = {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: algorithms,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Undefined also for one that is too long. */
export const parseDocument = (text: string): JsonObject | undefined =>
  text.length > MOST_CHARACTERS ? undefined : parseObject(text)

const wrong = (field: string, message: string): Failure => new Failure({ code: 'DiscoveryInvalid', field, message })
