/** The identity providers of an organisation, in the cluster: an OAuth 2.0 server and a SAML 2.0 one, beside the STS that trusts them. */
import type { CertificateAuthority } from '../../../src/testbed/index.ts'
import { createSigner, metadataOf, type Signer } from '../../support/samlXml.ts'
import { ACCOUNT, DOUBLES as WHERE } from './settings.ts'

export const OIDC = `https://oidc.${WHERE}.svc`
export const SAML = `https://saml.${WHERE}.svc`
export const ENTITY = 'https://login.example.com/saml'
export const SAML_PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/corporate`
/** Who may log in by ECP. */
export const LOGIN = { username: 'pods', password: 'for-this-suite-alone' } as const
/** An app, and a user of it. */
export const APP = { clientId: 'files-app', redirectUri: 'https://files.example.com/callback' } as const
export const USER = { id: 'u1', username: 'ada', password: 'for-this-suite-alone' } as const
/** The service account that is a client of the OAuth 2.0 server. */
export const CLIENT = { clientId: 'shop-web', subject: 'system:serviceaccount:e2e-federation:default' } as const
export const EXTERNAL_ID = 'customer-42'

const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`
const host = OIDC.replace('https://', '')
const allow = (principal: object, action: string | readonly string[], condition: object): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: principal, Action: action, Condition: { StringEquals: condition } }],
})
const ofOidc = (aud: string, sub: string): object =>
  allow({ Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}` }, 'sts:AssumeRoleWithWebIdentity', {
    [`${host}:aud`]: aud,
    [`${host}:sub`]: sub,
  })

/** Roles that trust them, and one that trusts the role `web`. */
export const federatedRoles = [
  { name: 'federated', trustPolicy: ofOidc('sts.amazonaws.com', CLIENT.clientId) },
  { name: 'users', trustPolicy: ofOidc(APP.clientId, USER.id) },
  {
    name: 'assertions',
    trustPolicy: allow({ Federated: SAML_PROVIDER }, 'sts:AssumeRoleWithSAML', {
      'SAML:aud': 'https://signin.aws.amazon.com/saml',
      'SAML:iss': ENTITY,
    }),
  },
  {
    name: 'partner',
    trustPolicy: allow({ AWS: role('web') }, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'], {
      'sts:ExternalId': EXTERNAL_ID,
    }),
  },
]

export const oidcProvider = (caFile: string): object => ({
  url: OIDC,
  clientIds: ['sts.amazonaws.com', APP.clientId],
  caFile,
})

export type Idps = { readonly objects: readonly object[]; readonly metadata: string }

/** Both as Deployments, and the metadata of the second. */
export async function idpObjects(ca: CertificateAuthority, image: string, issuer: string): Promise<Idps> {
  const signer = await createSigner()
  const certified = (name: string) => ca.issue([`${name}.${WHERE}.svc`])
  const [oidc, saml] = await Promise.all([certified('oidc'), certified('saml')])
  return {
    metadata: metadataOf(ENTITY, [signer], `${SAML}/ecp`),
    objects: [
      ...deployment({ name: 'oidc', image, files: { ...oidc, 'config.json': JSON.stringify(oidcConfig(issuer)) } }),
      ...deployment({ name: 'saml', image, files: { ...saml, 'config.json': JSON.stringify(samlConfig(signer)) } }),
    ],
  }
}

const FILES = '/etc/idp'
const ACCOUNT_FILES = '/var/run/secrets/kubernetes.io/serviceaccount'

const oidcConfig = (issuer: string): object => ({
  host: '0.0.0.0',
  port: 8443,
  issuer: OIDC,
  certFile: `${FILES}/cert`,
  keyFile: `${FILES}/key`,
  serviceAccounts: { issuer, caFile: `${ACCOUNT_FILES}/ca.crt`, tokenFile: `${ACCOUNT_FILES}/token` },
  clients: [
    { kind: 'service-account', ...CLIENT },
    { kind: 'web', clientId: APP.clientId, redirectUris: [APP.redirectUri] },
  ],
  accounts: [USER],
})

const samlConfig = (signer: Signer): object => ({
  host: '0.0.0.0',
  port: 8443,
  certificate: `${FILES}/cert`,
  key: `${FILES}/key`,
  entityId: ENTITY,
  users: { [LOGIN.username]: LOGIN.password },
  roles: [[role('assertions'), SAML_PROVIDER]],
  signer,
})

type Parts = { readonly name: string; readonly image: string; readonly files: Readonly<Record<string, string>> }

function deployment({ name, image, files }: Parts): readonly object[] {
  const labels = { app: name }
  const metadata = { name, namespace: WHERE, labels }
  // The OAuth 2.0 server takes its options as they are, the other the path of a file.
  const script =
    name === 'oidc'
      ? `exec node /app/oidc.mjs "$(cat ${FILES}/config.json)"`
      : `exec node /app/saml.mjs ${FILES}/config.json`
  const container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    ports: [{ containerPort: 8443 }],
    readinessProbe: { httpGet: { path: '/healthz', port: 8443, scheme: 'HTTPS' }, periodSeconds: 1 },
    volumeMounts: [{ name: 'files', mountPath: FILES, readOnly: true }],
  }
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes: [{ name: 'files', secret: { secretName: name } }],
  }
  const ports = [{ name: 'https', port: 443, targetPort: 8443 }]
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: files },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ]
}
