/** What an operator declares for the app's own users: who may vouch for them, and the roles that they can have. */
import { policyArns, policyDocument, roleArn } from './kinds/aws.ts'
import { duration, flag, httpsUrl, pem } from './kinds/basic.ts'
import { type InnerProblem, type Kind, like, listOf, textKind } from './kinds/kind.ts'
import { namePattern, providerName } from './kinds/kubernetes.ts'
import { signatures } from './kinds/signatures.ts'
import { type RecordOf, recordOf, recordsOf } from './records.ts'

const clientId = textKind('a client ID', '1234567890-abc.apps.example.com', /^[\x21-\x7e]+$/, [1, 512])
const clientIds = {
  kind: listOf(clientId, "the app's client IDs", 20),
  required: true,
  doc: 'The client IDs of the app: every aud of a token must be one of them, and azp where there is one.',
} as const
const trust = {
  ca: { kind: pem, doc: 'Authorities that it is verified with, where they are not the public ones.' },
} as const
const idToken = {
  clientIds,
  requireNonce: {
    kind: flag,
    default: 'true',
    doc: 'Whether the app must send the nonce of the login, and the token must hold it.',
  },
  maxTokenAge: {
    kind: duration('1m', '24h'),
    default: '1h',
    doc: 'How long ago an ID token may have been issued, however long it lives.',
  },
  ...trust,
} as const

/** Who vouches for users. */
export const userProviderKinds = {
  oidc: {
    issuer: {
      kind: like(httpsUrl, 'https://login.example.com'),
      required: true,
      doc: 'The issuer, exactly as in its ID tokens; its discovery document is asked for its keys.',
    },
    algorithms: { kind: signatures, default: 'RS256 ES256', doc: 'The signatures that its ID tokens may carry.' },
    ...idToken,
  },
  google: idToken,
  apple: idToken,
  amazon: {
    clientIds,
    tokenInfoEndpoint: {
      kind: httpsUrl,
      default: 'https://api.amazon.com/auth/o2/tokeninfo',
      doc: 'Where an access token is asked about.',
    },
    ...trust,
  },
  facebook: {
    clientIds: {
      ...clientIds,
      kind: listOf(textKind('an app ID', '1234567890', /^\d+$/, [1, 32]), "the app's IDs", 20),
      doc: 'The IDs of the app at Facebook.',
    },
    graphEndpoint: {
      kind: httpsUrl,
      default: 'https://graph.facebook.com',
      doc: 'Where an access token is asked about.',
    },
    ...trust,
  },
} as const
export type UserProvider = RecordOf<typeof userProviderKinds>

/** What stands in a session policy for the user whose session it is: no IAM policy variable, so that any STS knows it. */
export const USER_PLACEHOLDER = '{user}'
/** As IAM writes its own variables: the dollar sign would stay before the name of the user, and fit nothing. */
const SLIP = `$${USER_PLACEHOLDER}`

/** Roles that users can have. */
export const userRoleKinds = {
  role: {
    namespaces: {
      kind: listOf(like(namePattern, 'shop'), 'names of namespaces in which * may stand for a part'),
      required: true,
      doc: 'The namespaces whose apps may ask for it.',
    },
    providers: {
      kind: listOf(providerName, 'names of userProviders'),
      required: true,
      doc: 'Whose users can have it.',
    },
    roleArn: { kind: roleArn, required: true, doc: 'The role.' },
    sessionPolicy: {
      kind: policyDocument,
      doc: 'A policy that narrows the role; `{user}` in it stands for the user, by a name of letters, digits, - and _ that is always the same.',
    },
    sessionPolicyArns: { kind: policyArns, doc: 'Managed policies that narrow the role.' },
    sessionDuration: { kind: duration('15m', '12h'), default: '1h', doc: 'Lifetime of the credentials.' },
  },
} as const
export type UserRole = RecordOf<typeof userRoleKinds>

const { kind: ofNamespaces, doc: whose } = userRoleKinds.role.namespaces
/** A broker is told of the roles of its namespace, and not which others have them. */
const podRoleKinds = {
  role: { ...userRoleKinds.role, namespaces: { kind: ofNamespaces, doc: whose } },
} as const
/** As a broker is told of it. */
export type PodUserRole = RecordOf<typeof podRoleKinds>

export const userProviders: Kind<ReadonlyMap<string, UserProvider>> = recordsOf(
  like(providerName, 'google'),
  recordOf(userProviderKinds, {
    what: 'a provider of users',
    example: { kind: 'google', clientIds: ['1234567890-abc.apps.example.com'] },
  }),
  'providers of users',
)
const what = 'a role for users'
const example = { kind: 'role', providers: ['google'], roleArn: 'arn:aws:iam::111122223333:role/users' }
export const userRoles: Kind<ReadonlyMap<string, UserRole>> = recordsOf(
  like(providerName, 'files'),
  recordOf(userRoleKinds, { what, example: { ...example, namespaces: ['shop'] } }, policyProblems),
  'roles for users',
)
export const podUserRoles: Kind<ReadonlyMap<string, PodUserRole>> = recordsOf(
  like(providerName, 'files'),
  recordOf(podRoleKinds, { what, example }, policyProblems),
  'roles for users',
)

/** Roles that are the same for every user: no policy of theirs says whose session it is. */
export const rolesAlike = (roles: ReadonlyMap<string, UserRole> | undefined): readonly string[] =>
  [...(roles ?? [])]
    .filter(([, { sessionPolicy = '' }]) => !sessionPolicy.includes(USER_PLACEHOLDER))
    .map(([name]) => name)

/** Of SHA-256 in base64url: what `{user}` becomes. */
export const USER_LENGTH = 32

function policyProblems(role: PodUserRole): readonly InnerProblem[] {
  return [...slipped(role), ...tooMuch(role)]
}

function slipped({ sessionPolicy = '' }: PodUserRole): readonly InnerProblem[] {
  if (!sessionPolicy.includes(SLIP)) return []
  const message = `it has ${SLIP}, and what stands for the user is ${USER_PLACEHOLDER}`
  return [{ path: 'sessionPolicy', message, fix: `Write ${USER_PLACEHOLDER}, without the dollar sign` }]
}

function tooMuch({ sessionPolicy = '', sessionPolicyArns = [] }: PodUserRole): readonly InnerProblem[] {
  const policy = sessionPolicy.replaceAll(USER_PLACEHOLDER, 'u'.repeat(USER_LENGTH))
  const size = policy.length + sessionPolicyArns.join('').length
  if (size <= 2048) return []
  const form = 'at most 2048 characters with the ARNs of policies and {user} filled in'
  return [{ path: 'sessionPolicy', problem: `has ${size} characters`, form, example: '' }]
}
