import { createHash } from 'node:crypto'
import type { Authority } from './types.ts'

/** The order of authorities wherever they are listed: the first to expire first, so that all replicas write the same. */
export const sorted = (authorities: readonly Authority[]): readonly Authority[] =>
  authorities.toSorted((a, b) => a.expires - b.expires || (a.id < b.id ? -1 : 1))

/**
 * The caBundle that trusts these authorities. It depends on nothing else, and on no clock: replicas that disagree about the
 * time would put one bundle over the other for ever. What has expired does no harm in it.
 */
export const bundleOf = (authorities: readonly Authority[]): string =>
  sorted(authorities)
    .map(({ cert }) => cert)
    .join('')

const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

/** The ids of the authorities that every one of the bundles holds; none where there is no bundle. */
export function idsInAll(bundles: readonly string[]): ReadonlySet<string> {
  const [first, ...others] = bundles.map(idsIn)
  return new Set([...(first ?? [])].filter((id) => others.every((ids) => ids.has(id))))
}

/** The ids of the authorities that at least one of the bundles holds. */
export const idsInAny = (bundles: readonly string[]): ReadonlySet<string> =>
  new Set(bundles.flatMap((bundle) => [...idsIn(bundle)]))

const idsIn = (bundle: string): Set<string> =>
  new Set([...bundle.matchAll(block)].map(([, base64 = '']) => idOf(Buffer.from(base64, 'base64'))))

const idOf = (certificate: Uint8Array): string => createHash('sha256').update(certificate).digest('hex')
