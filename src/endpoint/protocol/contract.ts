/**
 * The contract with AWS's clients, declared once: what can be asked for, and how each answer looks. The handlers answer by
 * it, docs/reference/endpoint.md is made of it, and the tests go through it.
 */
import type { ReplyCode, Route } from './types.ts'

/** How the app asks: the container credentials protocol, or IMDSv2. */
export type EndpointProtocol = 'container' | 'imds'

export type ReplyRow = { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

// What breaks the framing, or comes from where no client is, leaves nothing worth keeping the connection for.
const close = { Connection: 'close' }

/**
 * Every answer that the endpoint gives, once. 401 has no WWW-Authenticate: the token is sent without a scheme, so there
 * is none to name. 405 has an Allow with the methods of its path. 503 is the only one that a client should try again soon.
 */
export const replies = {
  Success: { status: 200 },
  EndpointTokenMissing: { status: 401 },
  EndpointTokenWrong: { status: 401 },
  ImdsTtlInvalid: { status: 400 },
  ImdsTokenMissing: { status: 401 },
  ImdsTokenWrong: { status: 401 },
  HostRefused: { status: 403, headers: close },
  OriginRefused: { status: 403, headers: close },
  ForwardedRefused: { status: 403, headers: close },
  PathUnknown: { status: 404 },
  MethodRefused: { status: 405 },
  RequestMalformed: { status: 400, headers: close },
  CredentialsNotReady: { status: 503, headers: { 'Retry-After': '1' } },
  Internal: { status: 500, headers: close },
} as const satisfies Record<ReplyCode, ReplyRow>

type Refusal = Exclude<ReplyCode, 'Success'>

/** One thing that can be asked for. */
export type Resource = {
  readonly protocol: EndpointProtocol
  readonly method: 'GET' | 'PUT'
  /** To the letter. `{role}` stands for the name of the pod's role, without its path. */
  readonly path: string
  /**
   * Whether a slash more, before it or behind it, makes no difference. JavaScript's SDK takes no redirect from one to the
   * other; Java's and JavaScript's second put the path behind the slash that AWS CLI 2 needs at the end of the address.
   */
  readonly slashes: boolean
  /** Go and Kotlin compare that of JSON literally, and would take it for plain text with a charset. */
  readonly contentType: 'application/json' | 'text/plain'
  /** What a success holds. */
  readonly doc: string
  /** The fields of its JSON, in their order; all are texts. */
  readonly fields?: readonly string[]
  /** Why it refuses a request that is well-formed and comes from the pod, in the order in which that is looked at. */
  readonly refusals: readonly Refusal[]
}

const imdsGet = { protocol: 'imds', method: 'GET', slashes: true } as const
const sessionToken = ['ImdsTokenMissing', 'ImdsTokenWrong'] as const

export const resources = {
  credentials: {
    protocol: 'container',
    method: 'GET',
    path: '/v1/credentials',
    slashes: false,
    contentType: 'application/json',
    doc: 'The credentials of the container whose endpoint token the Authorization header carries.',
    fields: ['Code', 'AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration', 'AccountId', 'RoleArn'],
    refusals: ['EndpointTokenMissing', 'EndpointTokenWrong', 'CredentialsNotReady'],
  },
  imdsToken: {
    protocol: 'imds',
    method: 'PUT',
    path: '/latest/api/token',
    slashes: true,
    contentType: 'text/plain',
    doc: 'A session token for the requests below; its lifetime in seconds comes back in the header that asked for it. Always answered.',
    refusals: ['ImdsTtlInvalid'],
  },
  imdsRole: {
    ...imdsGet,
    path: '/latest/meta-data/iam/security-credentials',
    contentType: 'text/plain',
    doc: 'The name of the one role, without a line end.',
    refusals: sessionToken,
  },
  imdsCredentials: {
    ...imdsGet,
    path: '/latest/meta-data/iam/security-credentials/{role}',
    contentType: 'application/json',
    doc: 'The credentials.',
    fields: [
      'Code',
      'LastUpdated',
      'Type',
      'AccessKeyId',
      'SecretAccessKey',
      'Token',
      'Expiration',
      'AccountId',
      'RoleArn',
    ],
    refusals: [...sessionToken, 'CredentialsNotReady'],
  },
  imdsRegion: {
    ...imdsGet,
    path: '/latest/meta-data/placement/region',
    contentType: 'text/plain',
    doc: "The pod's region.",
    refusals: sessionToken,
  },
  imdsZone: {
    ...imdsGet,
    path: '/latest/meta-data/placement/availability-zone',
    contentType: 'text/plain',
    doc: 'The region and the letter a: botocore takes the region from it. It says nothing of the node.',
    refusals: sessionToken,
  },
  imdsIdentity: {
    ...imdsGet,
    path: '/latest/dynamic/instance-identity/document',
    contentType: 'application/json',
    doc: 'Where the pod is: what Go takes the region from.',
    fields: ['accountId', 'availabilityZone', 'region', 'version'],
    refusals: sessionToken,
  },
} as const satisfies Record<string, Resource>

export type ResourceName = keyof typeof resources

export type ResourceRoute = Route & { readonly name: ResourceName }

/** What a protocol answers, by every path that it answers at; a role's name also as clients encode it. */
export function routesOf(protocol: EndpointProtocol, role = ''): ReadonlyMap<string, ResourceRoute> {
  const routes = new Map<string, ResourceRoute>()
  for (const [name, resource] of Object.entries(resources) as [ResourceName, Resource][]) {
    if (resource.protocol !== protocol) continue
    const route = { name, methods: [resource.method] }
    for (const spelling of [role, encodeURIComponent(role)]) {
      const path = resource.path.replace('{role}', () => spelling)
      routes.set(path, route)
      if (!resource.slashes) continue
      for (const same of [`${path}/`, `/${path}`, `/${path}/`]) routes.set(same, route)
    }
  }
  return routes
}
