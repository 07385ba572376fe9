import { type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'

/** Of these pods, wherever they are created. */
const SHOP = ['shop', 'e2e-corpus*']
/** Who pods and their users can be, by the operator's word. */
const FEDERATION = {
  identityProviders: {
    campus: {
      kind: 'saml',
      namespaces: SHOP,
      source: 'ecp',
      principalArn: 'arn:aws:iam::111122223333:saml-provider/campus',
      endpoint: 'https://idp.example.edu/idp/profile/SAML2/SOAP/ECP',
      secretName: 'campus-login',
      metadata: '<EntityDescriptor entityID="https://idp.example.edu"><!-- $(HOME) & more --></EntityDescriptor>',
    },
    corporate: {
      kind: 'oidc-client-credentials',
      namespaces: [...SHOP, 'team-*'],
      issuer: 'https://login.example.com',
      scope: 'aws roles',
      stsAudience: 'lanyard',
    },
    elsewhere: {
      kind: 'oidc-client-credentials',
      namespaces: ['ops'],
      issuer: 'https://b.example.com',
      stsAudience: 'x',
    },
    exchange: {
      kind: 'token-exchange',
      namespaces: ['*'],
      issuer: 'https://exchange.example.com',
      tokenAudience: 'https://exchange.example.com/token',
      stsAudience: 'lanyard',
      caConfigMap: 'corporate-ca',
    },
    handed: {
      kind: 'saml',
      namespaces: SHOP,
      source: 'file',
      principalArn: 'arn:aws:iam::111122223333:saml-provider/campus',
      volume: 'identity',
      path: 'assertion',
      writer: 'fetch-identity',
    },
    keyed: {
      kind: 'oidc-client-credentials',
      namespaces: SHOP,
      issuer: 'https://login.example.com',
      stsAudience: 'lanyard',
      clientAuthentication: 'private-key-jwt',
      clientId: 'lanyard',
      secretName: 'corporate-client',
      secretKey: 'key.pem',
    },
    written: {
      kind: 'file',
      namespaces: SHOP,
      issuer: 'https://tokens.example.com',
      stsAudience: 'lanyard',
      volume: 'identity',
      path: 'tokens/aws',
      writer: 'fetch-identity',
    },
  },
  userProviders: {
    google: { kind: 'google', clientIds: ['1234567890-abc.apps.example.com'] },
    company: { kind: 'oidc', issuer: 'https://login.example.com', clientIds: ['web'] },
    amazon: { kind: 'amazon', clientIds: ['amzn1.application-oa2-client.0'] },
  },
  userRoles: {
    files: {
      kind: 'role',
      namespaces: SHOP,
      providers: ['google', 'company'],
      roleArn: ROLE,
      sessionPolicy:
        '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::files/{user}/$(HOME)/*"}]}',
    },
    admin: { kind: 'role', namespaces: ['ops'], providers: ['amazon'], roleArn: OTHER_ROLE },
  },
} satisfies Json

/** What the operator has set. Few, since a cluster is set up with each of them to see the same there. */
export const CONFIGURATIONS = {
  usual: {
    'aws.region': 'eu-west-1',
    'aws.allowedStsEndpoints': ['https://sts.internal.example.com:8443/sts'],
    'sidecar.acceptedImages': ['mirror.example.com/*/lanyard:*'],
    'compatibility.eks': true,
  },
  regionless: {
    'aws.region': null,
    'compatibility.eks': true,
    'defaults.lockSessionName': true,
    'env.staticKeys': 'warn',
    'imds.sharedByPod': true,
    'sidecar.startGate': 'startupProbe',
  },
  required: {
    'aws.accountId': '444455556666',
    'aws.partition': 'aws-us-gov',
    'aws.region': 'us-gov-west-1',
    'compatibility.eks': true,
    'permission.mode': 'required',
    'permission.defaultRoles': [
      'arn:aws:iam::111122223333:role/app',
      'arn:aws-us-gov:iam::111122223333:role/app',
      'arn:aws-us-gov:iam::444455556666:role/*',
    ],
  },
  federated: {
    'aws.region': 'eu-west-1',
    'aws.allowedStsEndpoints': ['https://rgw.example.com'],
    'aws.dualStack': true,
    'defaults.sessionDuration': '12h',
    'outbound.proxy': 'http://proxy.example.com:3128',
    'outbound.noProxy': ['.svc', '10.0.0.1'],
    ...FEDERATION,
  },
} as const satisfies Record<string, Json>

export type Configuration = keyof typeof CONFIGURATIONS

/** The cases that are not of the usual one. */
const others: Readonly<Record<Exclude<Configuration, 'usual'>, readonly string[]>> = {
  regionless: [
    'china-with-region',
    'china-with-wrong-region',
    'china-without-region',
    'direct-locked',
    'eks-locked',
    'env-static-keys-warned',
    'govcloud-without-region',
    'imds-region-nowhere',
    'imds-several-roles',
    'imds-shared',
    'imds-shared-roles',
    'region-nowhere',
    'session-name-locked',
    'startup-probe',
  ],
  federated: [
    'copied-with-users',
    'copied-with-users-forged',
    'copied-without-users',
    'copied-with-another-provider',
    'chain-container-roles',
    'chain-imds',
    'chain-moot',
    'chain-of-one',
    'chain-of-two',
    'chain-other-partition',
    'chain-parts-alone',
    'chain-too-long',
    'chain-without-role',
    'provider-audience',
    'provider-chain-users',
    'provider-client-credentials',
    'provider-direct',
    'provider-file',
    'provider-file-behind-mesh',
    'provider-foreign-mount',
    'provider-not-allowed',
    'provider-private-key',
    'provider-saml-ecp',
    'provider-saml-file',
    'provider-session-name',
    'provider-token-exchange',
    'provider-unknown',
    'provider-unwritten',
    'role-of-no-account',
    'users',
    'users-chosen',
    'users-direct',
    'users-foreign-mount',
    'users-imds',
    'users-mount-path-taken',
    'users-name-taken',
    'users-off',
    'users-pod-level-resources',
    'users-port-of-sidecar',
    'users-port-taken',
    'users-again',
    'users-broker-first',
  ],
  required: [
    'chain-not-permitted',
    'eks-required',
    'govcloud-with-region',
    'imds-permitted',
    'required-direct',
    'required-not-permitted',
    'required-of-all',
    'required-of-namespace',
    'required-shared-processes',
    'role-name',
  ],
}

export function configurationOf(name: string): Configuration {
  const found = (['regionless', 'required', 'federated'] as const).find((configuration) =>
    others[configuration].includes(name),
  )
  return found ?? 'usual'
}
