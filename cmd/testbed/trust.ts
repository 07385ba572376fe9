import type { TrustPolicyDocument } from '../../src/testbed/index.ts'
import type { Mapping } from './mapping.ts'

/** What a session may bring along; the trust policy has to allow it by actions of its own. */
type Carried = { readonly carries: readonly ('tags' | 'sourceIdentity')[] }

/** Whom a role trusts; `*` stands for anything in service accounts, subjects and users. */
export type Trusted =
  | (Carried & { readonly kind: 'serviceAccount'; namespace: string; serviceAccount: string; audience: string })
  | (Carried & { readonly kind: 'oidc'; provider: string; subject: string; audience: string })
  | (Carried & { readonly kind: 'saml'; saml: string; recipient: string | undefined })
  | (Carried & { readonly kind: 'role'; role: string; externalId: string | undefined })
  | (Carried & { readonly kind: 'login'; login: LoginName; app: string; user: string })

export const loginNames = ['amazon', 'facebook'] as const
export type LoginName = (typeof loginNames)[number]

/** One of those, or undefined and a problem. */
export function readLoginName(mapping: Mapping, key: string): LoginName {
  const text = mapping.text(key)
  const known = loginNames.find((name) => name === text)
  if (known === undefined && text !== '') mapping.refuse(key, `it must be one of ${loginNames.join(', ')}`)
  return known ?? 'amazon'
}

function optionalText(mapping: Mapping, key: string): string | undefined {
  return mapping.has(key) ? mapping.text(key) : undefined
}

function readCarried(trusted: Mapping): Carried['carries'] {
  const texts = trusted.has('carries') ? trusted.texts('carries') : []
  const known = (['tags', 'sourceIdentity'] as const).filter((name) => texts.includes(name))
  if (known.length < texts.length) trusted.refuse('carries', 'it may hold tags and sourceIdentity, each once')
  return known
}

/** The key that says of which kind it is. */
const kinds = ['provider', 'saml', 'role', 'login', 'namespace'] as const

function readKind(trusted: Mapping): Trusted {
  const carries = readCarried(trusted)
  const audience = (): string => trusted.text('audience', 'sts.amazonaws.com')
  switch (kinds.find((kind) => trusted.has(kind))) {
    case 'provider': {
      const [provider, subject] = [trusted.text('provider'), trusted.text('subject')]
      return { kind: 'oidc', provider, subject, audience: audience(), carries }
    }
    case 'saml':
      return { kind: 'saml', saml: trusted.text('saml'), recipient: optionalText(trusted, 'recipient'), carries }
    case 'role':
      return { kind: 'role', role: trusted.text('role'), externalId: optionalText(trusted, 'externalId'), carries }
    case 'login': {
      const login = readLoginName(trusted, 'login')
      return { kind: 'login', login, app: trusted.text('app'), user: trusted.text('user', '*'), carries }
    }
    default: {
      const [namespace, serviceAccount] = [trusted.text('namespace'), trusted.text('serviceAccount')]
      return { kind: 'serviceAccount', namespace, serviceAccount, audience: audience(), carries }
    }
  }
}

export function readTrusted(trusted: Mapping): Trusted {
  const read = readKind(trusted)
  trusted.close()
  return read
}

/** Its statements are checked, as IAM would, when the STS starts. */
export function readPolicy(role: Mapping): TrustPolicyDocument | undefined {
  const policy = role.raw('trustPolicy')
  if (policy === undefined) return undefined
  const isMapping = typeof policy === 'object' && policy !== null && !Array.isArray(policy)
  if (!isMapping) role.refuse('trustPolicy', 'it must be an IAM policy document')
  return policy as TrustPolicyDocument
}
