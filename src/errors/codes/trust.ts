import type { CodeEntry } from './entry.ts'

/** What a trust policy lets in that it should not, or keeps out that it should let in. */
export const trustCodes = {
  TrustPolicyMalformed: {
    area: 'trust',
    cause: 'The text is no trust policy that IAM would take.',
    fix: 'Write what `lanyard setup role` prints.',
  },
  TrustSubjectMissing: {
    area: 'trust',
    cause: 'Nothing is said of the subject: every service account of the cluster can have the role.',
    fix: 'Add StringEquals on ISSUER:sub with system:serviceaccount:NAMESPACE:NAME.',
  },
  TrustSubjectWildcard: {
    area: 'trust',
    cause: 'More subjects fit than one: whoever can name a namespace, a service account or a job so can have the role.',
    fix: 'Name each subject whole, with its owner, by StringEquals; or keep the wildcard to the name within one namespace.',
  },
  TrustSubjectOther: {
    area: 'trust',
    cause: 'The policy lets other subjects in, and not this one.',
    fix: 'Write the subject as it is in the token: system:serviceaccount:NAMESPACE:NAME.',
  },
  TrustAudienceMissing: {
    area: 'trust',
    cause: 'Nothing is said of the audience: a token that was made for another service can be used for the role.',
    fix: 'Add StringEquals on ISSUER:aud with sts.amazonaws.com.',
  },
  TrustAudienceOther: {
    area: 'trust',
    cause: 'The policy wants another audience than the token has.',
    fix: 'Make ISSUER:aud of the policy let in what lanyard.dev/audience says.',
  },
  TrustConditionOther: {
    area: 'trust',
    cause: 'Another condition of the policy does not hold for the token.',
    fix: 'Take that condition out of the statement, or write there what the token has.',
  },
  TrustAudienceShared: {
    area: 'trust',
    cause:
      'The audience is that of the API server: the token that every pod has for it can be used for the role as well.',
    fix: 'Use an audience that is for AWS alone, such as sts.amazonaws.com, in lanyard.dev/audience and in ISSUER:aud.',
  },
  TrustForAllValues: {
    area: 'trust',
    cause: 'ForAllValues is true where the key is missing, so that the condition holds for everybody.',
    fix: 'Use StringEquals without ForAllValues.',
  },
  TrustIfExists: {
    area: 'trust',
    cause: 'IfExists is true where the key is missing, so that the condition holds for tokens without it.',
    fix: 'Use StringEquals without IfExists.',
  },
  TrustConditionNegated: {
    area: 'trust',
    cause: 'The condition says who may not have the role, and so lets everybody else in.',
    fix: 'Say who may have it, with StringEquals.',
  },
  TrustPrincipalWide: {
    area: 'trust',
    cause: 'The principal is everybody, a whole account or a wildcard, and not one identity provider.',
    fix: 'Name the ARN of the IAM OIDC or SAML provider as Principal.Federated.',
  },
  TrustActionWide: {
    area: 'trust',
    cause: 'The policy allows more actions than the one that is needed.',
    fix: 'Allow sts:AssumeRoleWithWebIdentity alone (sts:AssumeRoleWithSAML for SAML).',
  },
  TrustActionMissing: {
    area: 'trust',
    cause: 'The policy does not allow the action by which pods ask for the role.',
    fix: 'Allow sts:AssumeRoleWithWebIdentity (sts:AssumeRoleWithSAML for SAML).',
  },
  TrustPartitionWrong: {
    area: 'trust',
    cause: 'The provider is in another partition or account than the role.',
    fix: 'Write the ARN of the provider with the partition (aws, aws-cn, aws-us-gov) and the account of the role.',
  },
  TrustIssuerWrong: {
    area: 'trust',
    cause:
      'The policy trusts another issuer than that of the cluster, or its conditions name one that its principal does not.',
    fix: 'Write the issuer without https:// in the ARN and before each :sub and :aud, exactly as it is in the tokens.',
  },
  TrustDenied: {
    area: 'trust',
    cause: 'A statement denies what another one allows.',
    fix: 'Take the Deny away, or make it match others only.',
  },
} as const satisfies Record<string, CodeEntry>
