/** The sources of identity that an operator can declare for pods: how they are read, and what is wrong with them. */
import { identityProviderKinds, written } from './identityFields.ts'
import type { InnerProblem, Kind } from './kinds/kind.ts'
import { audience, providerName } from './kinds/kubernetes.ts'
import { type RecordOf, recordOf, recordsOf, recordText } from './records.ts'
import { bytesOf, LONGEST_VARIABLE } from './textOfValue.ts'

export type IdentityProvider = RecordOf<typeof identityProviderKinds>
export type IdentityProviderKind = IdentityProvider['kind']

/** What is for the operator's own side, and does not travel to a pod. */
export const NOT_FOR_PODS = ['namespaces'] as const

const missing = (path: string, why: string, example: string): InnerProblem => ({
  path,
  problem: 'is missing',
  form: `there ${why}`,
  example,
})

function together(provider: IdentityProvider): readonly InnerProblem[] {
  if (provider.kind === 'file') return ownVolume(provider.volume)
  const long = tooLong(provider)
  const both = provider.ca !== undefined && provider.caConfigMap !== undefined
  const beside = { problem: 'stands beside caConfigMap', form: 'alone, or caConfigMap', example: '' }
  const authority = both ? [{ path: 'ca', ...beside }] : []
  return [...long, ...authority, ...(provider.kind === 'saml' ? samlProblems(provider) : clientProblems(provider))]
}

/** With all that JSON and kubelet make of it, for a sidecar's variable. */
function tooLong(provider: IdentityProvider): readonly InnerProblem[] {
  const size = bytesOf(recordText(provider.texts ?? {}, NOT_FOR_PODS).replaceAll('$', '$$$$'))
  if (size <= LONGEST_VARIABLE) return []
  const problem = `makes it ${size} bytes long`
  const form = `so short that the whole identity provider has ${LONGEST_VARIABLE} bytes as JSON`
  return [
    { path: 'metadata' in provider && provider.metadata !== undefined ? 'metadata' : 'ca', problem, form, example: '' },
  ]
}

/** Of those fields, the ones that are there and do nothing: who wrote them meant something else. */
const unused = <T extends object>(record: T, names: readonly (keyof T & string)[], why: string): InnerProblem[] =>
  names
    .filter((name) => record[name] !== undefined)
    .map((path) => ({ path, message: `nothing uses it ${why}`, fix: 'Remove it, or change that' }))

type Of<K> = Extract<IdentityProvider, { kind: K }>
type OAuth = Of<'oidc-client-credentials' | 'token-exchange'>

const fileProblems = (
  record: { readonly [K in keyof typeof written]?: string | undefined },
  why: string,
): InnerProblem[] => [
  ...(Object.keys(written) as (keyof typeof written)[])
    .filter((name) => record[name] === undefined)
    .map((name) => missing(name, why, written[name].kind.example)),
  ...ownVolume(record.volume),
]

/** Of such names are those that no other container may mount, and every pass rebuilds. */
const ownVolume = (volume = ''): InnerProblem[] =>
  volume.startsWith('lanyard-')
    ? [
        {
          path: 'volume',
          problem: 'is reserved for Lanyard',
          form: 'a name that does not begin with lanyard-',
          example: 'identity',
        },
      ]
    : []

function samlProblems(provider: Of<'saml'>): InnerProblem[] {
  const why = `with source: ${provider.source}`
  if (provider.source === 'file')
    return [...fileProblems(provider, why), ...unused(provider, ['endpoint', 'secretName'], why)]
  return [
    ...unused(provider, ['volume', 'path', 'writer'], why),
    ...(provider.endpoint === undefined ? [missing('endpoint', why, 'https://login.example.com/saml/ecp')] : []),
    ...(provider.secretName === undefined ? [missing('secretName', why, 'corporate-login')] : []),
  ]
}

function clientProblems(provider: OAuth): InnerProblem[] {
  const how = provider.clientAuthentication
  const why = `with clientAuthentication: ${how}`
  const own = [...ownAudience(provider), ...unused(provider, notOf(provider), why)]
  if (how === 'service-account-token' || how === 'none') return own
  const needed = { clientId: 'lanyard', secretName: 'corporate-client', secretKey: 'client-secret' } as const
  const absent = Object.entries(needed)
    .filter(([name]) => provider[name as keyof typeof needed] === undefined)
    .map(([name, example]) => missing(name, why, example))
  return [...own, ...absent]
}

/** What that way to show who the client is has no use for. */
function notOf({ kind, clientAuthentication: how }: OAuth): readonly (keyof OAuth & string)[] {
  if (how === 'service-account-token' || how === 'none')
    return ['secretName', 'secretKey', 'keyId', 'assertionAudience']
  // The pod has a token of its own then only where that is what is exchanged.
  const ofToken = kind === 'token-exchange' ? [] : (['tokenExpiration'] as const)
  return how === 'private-key-jwt' ? ofToken : [...ofToken, 'keyId', 'assertionAudience']
}

/** The issuer stands in for the token's audience: then it must be one that the API server does not take itself. */
function ownAudience({ issuer, tokenAudience }: OAuth): InnerProblem[] {
  if (tokenAudience !== undefined || audience.parse(issuer).ok) return []
  return [missing('tokenAudience', 'with an issuer that cannot be an audience', 'https://login.example.com')]
}

/** Of a pod's own variable: without what is for the operator. */
const forPods = <F extends Record<string, unknown>>({ namespaces: _, ...fields }: F): Omit<F, 'namespaces'> => fields

const podKinds = {
  'oidc-client-credentials': forPods(identityProviderKinds['oidc-client-credentials']),
  'token-exchange': forPods(identityProviderKinds['token-exchange']),
  saml: forPods(identityProviderKinds.saml),
  file: forPods(identityProviderKinds.file),
} as const

/** As a pod's sidecar is told of it. */
export type PodIdentityProvider = RecordOf<typeof podKinds>

const example = { kind: 'oidc-client-credentials', issuer: 'https://login.example.com', stsAudience: 'lanyard' }

export const identityProvider: Kind<IdentityProvider> = recordOf(
  identityProviderKinds,
  { what: 'an identity provider', example: { ...example, namespaces: ['shop'] } },
  together,
)
export const identityProviders: Kind<ReadonlyMap<string, IdentityProvider>> = recordsOf(
  providerName,
  identityProvider,
  'identity providers',
)
export const podIdentityProvider: Kind<PodIdentityProvider> = recordOf(podKinds, {
  what: 'an identity provider',
  example,
})
