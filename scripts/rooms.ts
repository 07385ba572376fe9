/**
 * The rooms of the house and the arrows between them, declared once: `npm run check` holds the code to this table, and
 * docs/reference/rooms.md shows it. A room that is not here may not exist.
 */
export type Room = {
  /** What it is for, as a noun phrase. */
  readonly doc: string
  /** The other rooms that it may import. */
  readonly rooms: readonly string[]
  /** The npm packages that it may import; `@scope/*` stands for all of a scope. */
  readonly packages?: readonly string[]
  /** No node:*, no package, no clock, no randomness, no process. */
  readonly pure?: true
  /** It joins a port to the world; adapters never import one another. */
  readonly adapter?: true
}

/** By folder below `src`; a folder in a room can be a stricter room of its own. */
export const rooms: Readonly<Record<string, Room>> = {
  errors: { doc: 'every code once: cause, fix, retry policy', rooms: [], pure: true },
  json: { doc: 'values of JSON of which nothing is known yet', rooms: [], pure: true },
  settings: { doc: 'every setting once, and how it is read', rooms: ['errors'], pure: true },
  injection: { doc: 'what becomes of a pod: decision, then patch', rooms: ['errors', 'json', 'settings'], pure: true },
  credentials: { doc: 'the state machine of a session, and when it is renewed', rooms: ['errors'], pure: true },
  federation: {
    doc: 'how an identity becomes credentials; the port to STS and its error table',
    rooms: ['credentials', 'errors', 'settings'],
    packages: ['jose'],
  },
  'federation/oauth': {
    doc: 'tokens of an OAuth 2.0 server: client credentials, token exchange',
    rooms: ['credentials', 'errors', 'federation', 'json', 'settings'],
    packages: ['jose'],
  },
  'federation/saml': {
    doc: 'SAML 2.0 assertions: where they come from, what is checked, the exchange',
    rooms: ['credentials', 'errors', 'federation', 'settings'],
    packages: ['@xmldom/*', 'xml-crypto'],
  },
  broker: {
    doc: "credentials on behalf of an app's user: verification, cache, rates, route",
    rooms: ['credentials', 'endpoint', 'endpoint/protocol', 'errors', 'federation', 'json', 'settings'],
    packages: ['jose'],
  },
  outbound: {
    doc: 'HTTP to identity providers: no redirect, an end in size and time, proxies, own authorities',
    adapter: true,
    rooms: ['credentials', 'errors', 'federation'],
  },
  'endpoint/protocol': {
    doc: 'what a request for credentials is answered',
    rooms: ['credentials', 'errors'],
    pure: true,
  },
  endpoint: {
    doc: "the sockets of the sidecar, the containers' tokens, the start gate",
    rooms: ['credentials', 'endpoint/protocol', 'errors'],
  },
  webhook: {
    doc: 'the admission server and its TLS',
    rooms: ['errors', 'injection', 'terminal'],
    packages: ['express', '@peculiar/x509', 'reflect-metadata'],
  },
  kubernetes: {
    doc: 'the Kubernetes API server: what the webhook needs of it',
    adapter: true,
    rooms: ['errors', 'json', 'webhook'],
    packages: ['@kubernetes/client-node'],
  },
  aws: {
    doc: 'STS by the AWS SDK',
    adapter: true,
    rooms: ['credentials', 'errors', 'federation'],
    packages: ['@aws-sdk/*', '@smithy/*'],
  },
  stsDirect: {
    doc: 'STS by TLS and HTTP alone: the one call that needs no signature',
    adapter: true,
    rooms: ['credentials', 'errors', 'federation'],
  },
  metrics: { doc: 'every metric once, by prom-client', adapter: true, rooms: ['errors'], packages: ['prom-client'] },
  files: { doc: 'the files that the sidecar reads and keeps', adapter: true, rooms: ['errors'] },
  terminal: {
    doc: 'what people see: help, tables, diffs, logs',
    rooms: ['errors', 'settings'],
    packages: ['diff'],
  },
  manifests: {
    doc: 'Kubernetes manifests as people keep them: read, decided, changed and nothing else touched',
    rooms: ['errors', 'injection', 'json', 'settings', 'terminal'],
    packages: ['diff', 'rfc6902', 'yaml'],
  },
  trust: {
    doc: 'trust policies of roles: how they are written, and what they let in',
    rooms: ['errors', 'json'],
    pure: true,
  },
  issuer: {
    doc: "the cluster's OIDC issuer: what its address, its discovery document and its keys must be",
    rooms: ['errors', 'json'],
    pure: true,
  },
  setup: {
    doc: 'what an operator has to publish and to create, as text: issuer, provider, role',
    rooms: ['errors', 'issuer', 'json', 'settings', 'terminal', 'trust'],
    packages: ['yaml'],
  },
  doctor: {
    doc: 'what is wrong, in the order in which things depend on one another',
    rooms: [
      'credentials',
      'errors',
      'federation',
      'injection',
      'issuer',
      'json',
      'manifests',
      'settings',
      'status',
      'terminal',
      'trust',
      'webhook',
    ],
  },
  status: {
    doc: 'what the sidecars of a cluster say of themselves, as a table',
    rooms: ['credentials', 'errors', 'injection', 'json', 'settings', 'terminal'],
  },
  testbed: {
    doc: 'strict doubles of what is outside, for tests and the demo',
    rooms: [],
    packages: ['@peculiar/x509', '@xmldom/*', 'jose', 'reflect-metadata', 'xml-crypto'],
  },
  demo: {
    doc: 'the story that `lanyard demo` tells',
    rooms: ['errors', 'terminal', 'testbed'],
    packages: ['rfc6902', 'yaml'],
  },
}

/** What no table by rooms can say: single files that may import more, and why. */
export const exceptions = [
  {
    file: 'src/demo/app.ts',
    packages: ['@aws-sdk/client-sts'],
    because: 'it plays a user, whose app has an SDK of its own',
  },
] as const

/** Wiring happens in cmd/ only: it may import every room but these, which are for files that begin like these alone. */
export const command = {
  packages: ['yaml'],
  closed: { demo: ['cmd/demo'], testbed: ['cmd/testbed'] },
} as const
