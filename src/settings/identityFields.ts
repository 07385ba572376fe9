/** The fields of identity providers, by their kinds: every one once. */
import { duration, httpsUrl, pem } from './kinds/basic.ts'
import { like, listOf, oneOf, textKind } from './kinds/kind.ts'
import { audience, containerName, namePattern, objectName } from './kinds/kubernetes.ts'
import { SIGNATURES, signatures } from './kinds/signatures.ts'

const secretKey = textKind('a key of a Secret or ConfigMap', 'client-secret', /^(?!\.\.|\.$)[-._a-zA-Z0-9]+$/, [1, 253])
const word = textKind('a text without white space', 'lanyard', /^[\x21-\x7e]+$/, [1, 2048])
const scopes = textKind(
  'scopes, separated by blanks',
  'aws',
  /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
  [1, 1024],
)
const tokenType = textKind(
  'a token type of RFC 8693',
  'urn:ietf:params:oauth:token-type:jwt',
  /^[\x21-\x7e]+$/,
  [1, 256],
)
const samlProviderArn = textKind(
  'the ARN of an IAM SAML provider',
  'arn:aws:iam::111122223333:saml-provider/corporate',
  /^arn:aws[a-z-]*:iam::\d{12}:saml-provider\/[\w.-]{1,128}$/,
  [20, 2048],
)
const metadata = textKind(
  'the SAML 2.0 metadata of the identity provider, XML of at most 32 kB',
  '<EntityDescriptor ...>...</EntityDescriptor>',
  /^\s*<[\s\S]*>\s*$/,
  [1, 32_768],
)
const relativePath = textKind(
  'a path below the volume, without ".."',
  'assertion',
  /^(?!.*(^|\/)\.\.(\/|$))[\w.-]+(\/[\w.-]+)*$/,
  [1, 512],
)

const anybody = {
  namespaces: {
    kind: listOf(like(namePattern, 'shop'), 'names of namespaces in which * may stand for a part'),
    required: true,
    doc: 'The namespaces whose pods may use it.',
  },
} as const

/** Whom to trust when it is asked, and what the pod's namespace holds for it. */
const asked = {
  ca: {
    kind: pem,
    doc: 'Authorities that the identity provider is verified with, where they are not the public ones.',
  },
  caConfigMap: {
    kind: objectName,
    doc: "A ConfigMap in the pod's namespace with those, where they are longer than a variable should be.",
  },
  caConfigMapKey: { kind: like(secretKey, 'ca.crt'), default: 'ca.crt', doc: 'The key of that ConfigMap.' },
  secretName: {
    kind: objectName,
    doc: "A Secret in the pod's namespace with what the identity provider wants to see.",
  },
} as const

const issued = {
  issuer: {
    kind: like(httpsUrl, 'https://login.example.com'),
    required: true,
    doc: 'The issuer, exactly as in its tokens; its discovery document is asked for the rest.',
  },
  discoveryUrl: {
    kind: like(httpsUrl, 'https://login.example.com/.well-known/openid-configuration'),
    doc: 'The discovery document, where it is not below the issuer: it must name that as issuer or access_token_issuer.',
  },
  tokenEndpoint: {
    kind: like(httpsUrl, 'https://login.example.com/token'),
    doc: 'The token endpoint, where the discovery document is not to be asked for it.',
  },
  jwksUri: {
    kind: like(httpsUrl, 'https://login.example.com/jwks'),
    doc: 'The keys of the issuer, where the discovery document is not to be asked for them.',
  },
  clientId: {
    kind: word,
    doc: 'The client ID; with the token of the ServiceAccount, where the identity provider wants one.',
  },
  tokenAudience: {
    kind: like(audience, 'https://login.example.com'),
    doc: "The audience of the pod's own token, which the identity provider gets; the issuer, if not set.",
  },
  tokenExpiration: {
    kind: like(duration('10m', '24h'), '1h'),
    doc: "The longest lifetime of the pod's own token, where the identity provider takes none that is older: what the pod or the operator says holds if it is shorter.",
  },
  scope: { kind: scopes, doc: 'The scopes that are asked for.' },
  audience: { kind: word, doc: 'The audience that is asked for, as a parameter of the request.' },
  resource: { kind: word, doc: 'The resource that is asked for (RFC 8707).' },
  stsAudience: {
    kind: like(audience, 'sts.amazonaws.com'),
    required: true,
    doc: 'What the token must be meant for (azp, else aud): the client ID of the IAM OIDC provider.',
  },
  algorithms: { kind: signatures, default: 'RS256 ES256', doc: 'The signatures that its tokens may carry.' },
} as const

const AUTHENTICATIONS = [
  'service-account-token',
  'private-key-jwt',
  'client-secret-basic',
  'client-secret-post',
] as const
const keyed = {
  secretKey: {
    kind: secretKey,
    doc: 'The key of that Secret with the client secret, or with the private key as PKCS #8 PEM.',
  },
  assertionAudience: { kind: word, doc: 'The audience of a signed client assertion; the issuer, if not set.' },
  keyId: { kind: word, doc: 'The key ID (kid) of a signed client assertion.' },
  algorithm: { kind: oneOf(...SIGNATURES), default: 'RS256', doc: 'The signature of a client assertion.' },
} as const

/** What another container of the pod writes. */
export const written = {
  volume: { kind: like(objectName, 'identity'), doc: 'The volume of the pod that the file lies in.' },
  path: { kind: relativePath, doc: 'The file in that volume.' },
  writer: {
    kind: like(containerName, 'fetch-identity'),
    doc: 'The init container (with restartPolicy: Always, to keep the file fresh) that writes it: the sidecar starts behind it.',
  },
} as const

export const identityProviderKinds = {
  'oidc-client-credentials': {
    ...anybody,
    ...issued,
    clientAuthentication: {
      kind: oneOf(...AUTHENTICATIONS),
      default: 'service-account-token',
      doc: "How the client shows who it is: by the pod's own token as a client assertion (RFC 7523), by an assertion that a private key signs, or by a secret.",
    },
    ...keyed,
    token: {
      kind: oneOf('access_token', 'id_token'),
      default: 'access_token',
      doc: 'Which token of the answer goes to STS.',
    },
    ...asked,
  },
  'token-exchange': {
    ...anybody,
    ...issued,
    clientAuthentication: {
      kind: oneOf('none', ...AUTHENTICATIONS),
      default: 'none',
      doc: "How the client shows who it is, if the pod's own token as the subject is not enough.",
    },
    ...keyed,
    subjectTokenType: {
      kind: tokenType,
      default: 'urn:ietf:params:oauth:token-type:jwt',
      doc: "The type of the pod's own token.",
    },
    requestedTokenType: {
      kind: like(tokenType, 'urn:ietf:params:oauth:token-type:id_token'),
      doc: 'The type of token that is asked for.',
    },
    ...asked,
  },
  saml: {
    ...anybody,
    source: {
      kind: oneOf('ecp', 'ws-trust', 'file'),
      required: true,
      doc: 'Where assertions come from: the identity provider by SAML 2.0 ECP or by WS-Trust 1.3 (usernamemixed), or a file that another container writes.',
    },
    principalArn: { kind: samlProviderArn, required: true, doc: 'The IAM SAML provider.' },
    endpoint: {
      kind: like(httpsUrl, 'https://login.example.com/saml/ecp'),
      doc: 'The address of ECP or of usernamemixed.',
    },
    metadata: {
      kind: metadata,
      doc: "The identity provider's metadata: with it the signature of assertions is verified before they are sent.",
    },
    serviceProvider: {
      kind: like(word, 'urn:amazon:webservices'),
      default: 'urn:amazon:webservices',
      doc: 'The entity ID that assertions are meant for (Audience).',
    },
    recipient: {
      kind: like(httpsUrl, 'https://signin.aws.amazon.com/saml'),
      default: 'https://signin.aws.amazon.com/saml',
      doc: 'The sign-in URL that assertions are meant for (Recipient).',
    },
    usernameKey: {
      kind: like(secretKey, 'username'),
      default: 'username',
      doc: 'The key of the Secret with the user name.',
    },
    passwordKey: {
      kind: like(secretKey, 'password'),
      default: 'password',
      doc: 'The key of the Secret with the password.',
    },
    ...written,
    ...asked,
  },
  file: {
    ...anybody,
    issuer: { ...issued.issuer, doc: 'The issuer, exactly as in the token; nothing is asked of it.' },
    stsAudience: issued.stsAudience,
    volume: { ...written.volume, required: true },
    path: { ...written.path, required: true },
    writer: { ...written.writer, required: true },
  },
} as const
