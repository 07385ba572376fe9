/** By whom a role can be had: the service accounts of a cluster's issuer, or an identity provider by SAML. */
export type Trusted =
  | {
      readonly kind: 'oidc'
      /** ARN of the IAM OIDC provider. */
      readonly provider: string
      readonly audience: string
      /** `system:serviceaccount:NAMESPACE:NAME`, or what other issuers write; no wildcards. */
      readonly subjects: readonly [string, ...string[]]
    }
  | {
      readonly kind: 'saml'
      /** ARN of the IAM SAML provider. */
      readonly provider: string
      /** Where assertions are meant for: AWS's sign-in page of the partition. */
      readonly recipient: string
    }

type Texts = string | readonly string[]
export type TrustPolicy = {
  readonly Version: '2012-10-17'
  readonly Statement: readonly {
    readonly Effect: 'Allow'
    readonly Principal: { readonly Federated: string }
    readonly Action: string
    readonly Condition: { readonly StringEquals: Readonly<Record<string, Texts>> }
  }[]
}

/**
 * The trust policy with the least that is needed: one provider, one action, each subject by its whole name, one audience (AWS
 * IAM User Guide, "Available keys for AWS OIDC federation", "… for SAML-based AWS STS federation").
 */
export function writePolicy(trusted: Trusted): TrustPolicy {
  const isOidc = trusted.kind === 'oidc'
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: trusted.provider },
        Action: isOidc ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRoleWithSAML',
        Condition: { StringEquals: isOidc ? oidcKeys(trusted) : { 'SAML:aud': trusted.recipient } },
      },
    ],
  }
}

function oidcKeys({ provider, audience, subjects }: Extract<Trusted, { kind: 'oidc' }>): Record<string, Texts> {
  const name = nameOfProvider(provider) ?? ''
  const [first, ...others] = subjects
  return { [`${name}:aud`]: audience, [`${name}:sub`]: others.length === 0 ? first : subjects }
}

/** The issuer that the ARN of an IAM OIDC provider names, without https://. */
export const nameOfProvider = (arn: string): string | undefined =>
  /^arn:[^:]+:iam::[^:]*:oidc-provider\/(.+)$/.exec(arn)?.[1]

/** `system:serviceaccount:NAMESPACE:NAME`, as Kubernetes writes it into tokens. */
export const subjectOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

const RECIPIENTS: Readonly<Record<string, string>> = {
  aws: 'https://signin.aws.amazon.com/saml',
  'aws-cn': 'https://signin.amazonaws.cn/saml',
  'aws-us-gov': 'https://signin.amazonaws-us-gov.com/saml',
}

/** Where assertions of SAML are sent for roles of that partition; undefined where it is not known here. */
export const samlRecipient = (partition: string): string | undefined =>
  Object.hasOwn(RECIPIENTS, partition) ? RECIPIENTS[partition] : undefined
