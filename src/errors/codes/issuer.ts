import type { CodeEntry } from './entry.ts'

/** What is wrong with the cluster's OIDC issuer, as STS will find it. */
export const issuerCodes = {
  IssuerInvalid: {
    area: 'issuer',
    cause: 'The issuer is no https URL that IAM takes: it has another scheme, a port, a user, a query or a fragment.',
    fix: 'Give the API server another --service-account-issuer: https, a host name and at most a path.',
  },
  IssuerNotPublic: {
    area: 'issuer',
    cause: 'The issuer is a name or an address inside the cluster or of a private network, which AWS cannot reach.',
    fix: 'Give the API server a --service-account-issuer that is public, and publish there what `lanyard setup issuer` writes.',
  },
  IssuerMismatch: {
    area: 'issuer',
    cause:
      'The issuer is not spelled the same everywhere: tokens, discovery document and IAM are compared character by character.',
    fix: 'Publish a discovery document with exactly the issuer of the tokens; a slash at the end counts.',
  },
  DiscoveryUnreachable: {
    area: 'issuer',
    cause: 'The discovery document of the issuer cannot be read from where the doctor is.',
    fix: 'Publish it at ISSUER/.well-known/openid-configuration, for everybody to read, with a public certificate.',
  },
  DiscoveryInvalid: {
    area: 'issuer',
    cause: 'What is at the address of the discovery document is none.',
    fix: 'Publish what `lanyard setup issuer` writes.',
  },
  DiscoverySlow: {
    area: 'issuer',
    cause: 'The issuer takes longer than the 5 seconds that STS waits.',
    fix: 'Serve the two documents from storage or a cache that is always awake.',
  },
  KeysUnreachable: {
    area: 'issuer',
    cause: 'The JWKS that the discovery document names cannot be read from where the doctor is.',
    fix: 'Publish it for everybody to read at the jwks_uri of the discovery document.',
  },
  KeysInvalid: {
    area: 'issuer',
    cause: 'What is at the jwks_uri is no set of RSA or EC public keys.',
    fix: 'Publish what `lanyard setup issuer` writes; private parts of a key must never be there.',
  },
  KeysOutdated: {
    area: 'issuer',
    cause: 'The published JWKS has none of the keys that the cluster signs with: they were rotated.',
    fix: 'Run `lanyard setup issuer` again and publish what it writes.',
  },
  KeyUnpublished: {
    area: 'issuer',
    cause: 'A key that the cluster signs with is not in the published JWKS.',
    fix: 'Run `lanyard setup issuer` again and publish what it writes, before a new key signs tokens.',
  },
} as const satisfies Record<string, CodeEntry>
