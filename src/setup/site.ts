import { algorithmsOf, issuerName, type PublicKey, writeDiscovery, writeKeys } from '../issuer/index.ts'

/** A file that has to be public, by its path below the root of the issuer's host. */
export type PublicFile = { readonly path: string; readonly text: string }

export type Site = {
  readonly issuer: string
  readonly host: string
  /** Without slashes at its ends; '' where the issuer has none. */
  readonly path: string
  readonly files: readonly PublicFile[]
}

/** All that STS reads of an issuer, and nothing more: the discovery document and the public keys. */
export function siteOf(issuer: string, keys: readonly PublicKey[]): Site {
  const [host = '', ...segments] = issuerName(issuer).split('/')
  const path = segments.filter((segment) => segment !== '').join('/')
  const at = (file: string): string => (path === '' ? file : `${path}/${file}`)
  const jwks = at('openid/v1/jwks')
  const discovery = { issuer, jwksUri: `https://${host}/${jwks}` }
  return {
    issuer,
    host,
    path,
    files: [
      { path: at('.well-known/openid-configuration'), text: writeDiscovery(discovery, algorithmsOf(keys)) },
      { path: jwks, text: writeKeys(keys) },
    ],
  }
}

/** Where Amazon serves a bucket by its own name, and below a shared host. */
export function isBucketHost({ host }: Site, bucket: string): boolean {
  return new RegExp(`^${escaped(bucket)}\\.s3[.-][\\w.-]*amazonaws\\.com(\\.cn)?$`).test(host)
}

/** The keys of the objects: those of the files, without the bucket's name where the host is shared. */
export function keysIn(site: Site, bucket: string): readonly PublicFile[] {
  const isShared = /^s3[.-][\w.-]*amazonaws\.com(\.cn)?$/.test(site.host) && site.path.split('/')[0] === bucket
  return isShared ? site.files.map(({ path, text }) => ({ path: path.slice(bucket.length + 1), text })) : site.files
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
