/** Pods with an identity provider, a chain or a broker, and what the operator has set up for them. */
import { roleArn } from './sts.ts'

/** Only ever looked at: nobody runs these. */
export const ISSUER = 'https://login.example.com'
export const IDP_AUDIENCE = 'https://exchange.example.com'
const principalArn = 'arn:aws:iam::111122223333:saml-provider/corporate'
const written = { volume: 'identity', path: 'token', writer: 'fetch' }

/** A part of `config`, for pods of one namespace. */
export const federationFor = (namespace: string): object => ({
  outbound: { noProxy: ['.example.org', '10.0.0.1'] },
  identityProviders: {
    client: {
      kind: 'oidc-client-credentials',
      namespaces: [namespace],
      issuer: ISSUER,
      stsAudience: 'lanyard',
      clientId: '$(NAME)$$<a>&"b\\c',
      caConfigMap: 'corporate-ca',
    },
    exchange: {
      kind: 'token-exchange',
      namespaces: `${namespace} nobody`,
      issuer: ISSUER,
      tokenAudience: IDP_AUDIENCE,
      stsAudience: 'lanyard',
    },
    keyed: {
      kind: 'oidc-client-credentials',
      namespaces: [`${namespace.slice(0, -1)}*`],
      issuer: ISSUER,
      stsAudience: 'lanyard',
      clientAuthentication: 'client-secret-post',
      clientId: 'lanyard',
      secretName: 'corporate-client',
      secretKey: 'client-secret',
    },
    adfs: {
      kind: 'saml',
      namespaces: [namespace],
      source: 'ws-trust',
      principalArn,
      endpoint: `${ISSUER}/usernamemixed`,
      secretName: 'corporate-login',
      metadata: '<EntityDescriptor entityID="https://login.example.com/?a&amp;b">\n</EntityDescriptor>\n',
    },
    assertion: { kind: 'saml', namespaces: [namespace], source: 'file', principalArn, ...written },
    written: { kind: 'file', namespaces: [namespace], issuer: ISSUER, stsAudience: 'lanyard', ...written },
    others: { kind: 'token-exchange', namespaces: ['nobody'], issuer: ISSUER, stsAudience: 'lanyard' },
  },
  userProviders: {
    google: { kind: 'google', clientIds: ['1234567890-abc.apps.example.com'] },
    corporate: { kind: 'oidc', issuer: ISSUER, clientIds: ['web', 'mobile'] },
    unused: { kind: 'apple', clientIds: ['com.example.web'] },
  },
  userRoles: {
    files: {
      kind: 'role',
      namespaces: [namespace],
      providers: ['google', 'corporate'],
      roleArn: roleArn('users'),
      sessionPolicy: '{"Version":"2012-10-17","Statement":[]}',
    },
    others: { kind: 'role', namespaces: ['nobody'], providers: ['unused'], roleArn: roleArn('users') },
  },
  userCredentials: { requestsPerMinute: 30 },
})

export type Shape = { readonly annotations: Readonly<Record<string, string>>; readonly spec?: object }

const by = (name: string, spec?: object): Shape => ({
  annotations: { 'lanyard.dev/identity-provider': name },
  ...(spec !== undefined && { spec }),
})
/** A pod in which another container writes the identity. */
const writing = {
  initContainers: [
    {
      name: 'fetch',
      image: 'fetch',
      restartPolicy: 'Always',
      volumeMounts: [{ name: 'identity', mountPath: '/identity' }],
    },
  ],
  volumes: [{ name: 'identity', emptyDir: { medium: 'Memory' } }],
}

export const CHAINED = roleArn('chained')
/** What pods can ask for, by name. */
export const shapes: Readonly<Record<string, Shape>> = {
  client: by('client'),
  exchange: by('exchange'),
  keyed: by('keyed'),
  adfs: by('adfs'),
  assertion: by('assertion', writing),
  written: by('written', writing),
  chain: { annotations: { 'lanyard.dev/assume-role-arn': CHAINED } },
  users: { annotations: { 'lanyard.dev/user-credentials': 'true' } },
}
