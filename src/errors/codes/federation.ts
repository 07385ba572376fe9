import type { CodeEntry } from './entry.ts'

/** The identity token of the pod. */
export const tokenCodes = {
  TokenFileMissing: {
    area: 'token',
    cause: 'The identity token file does not exist.',
    fix: 'Look at the volume lanyard-identity of the pod: kubelet writes the token there.',
    retry: 'rereadToken',
  },
  TokenFileUnreadable: {
    area: 'token',
    cause: 'The identity token file cannot be read.',
    fix: 'Look at the permissions of the file and at the securityContext of the pod.',
    retry: 'rereadToken',
  },
  TokenEmpty: {
    area: 'token',
    cause: 'The identity token file is empty.',
    fix: 'Wait for kubelet to write it; if it stays empty, look at the events of the pod.',
    retry: 'rereadToken',
  },
  TokenTooLarge: {
    area: 'token',
    cause: 'The identity token is longer than the 20,000 characters that STS accepts.',
    fix: 'Look at who writes that file: a service account token is about 1,000 characters long.',
    retry: 'rereadToken',
  },
  TokenNotJwt: {
    area: 'token',
    cause: 'The identity token is not a JSON Web Token.',
    fix: 'Look at who writes that file; a truncated token looks like this too.',
    retry: 'rereadToken',
  },
  TokenExpired: {
    area: 'token',
    cause: 'The identity token has expired and was not renewed.',
    fix: "Look at kubelet's log on that node (it renews the token at 80 % of its life), and at the node's clock.",
    retry: 'rereadToken',
  },
  TokenAudience: {
    area: 'token',
    cause: 'The identity token is meant for another audience.',
    fix: 'Make lanyard.dev/audience and the client ID of the IAM OIDC provider the same.',
    retry: 'rereadToken',
  },
  TokenIssuer: {
    area: 'token',
    cause: 'The identity token names no issuer that STS could ask for its keys.',
    fix: "Set the API server's --service-account-issuer to the https URL of the IAM OIDC provider.",
    retry: 'rereadToken',
  },
} as const satisfies Record<string, CodeEntry>

/** What STS says, or what happens on the way there. */
export const stsCodes = {
  StsUnreachable: {
    area: 'sts',
    cause: 'No connection to STS could be made.',
    fix: 'Look at DNS, NetworkPolicy, proxies and the endpoint that the message names.',
    retry: 'backoff',
  },
  StsTimeout: {
    area: 'sts',
    cause: 'STS did not answer in time.',
    fix: 'Look at the network between the pod and the endpoint that the message names.',
    retry: 'backoff',
  },
  StsUntrusted: {
    area: 'sts',
    cause: 'The certificate of the STS endpoint is not trusted.',
    fix: 'Name the authority that signed it (with the chart: stsCa.pem or stsCa.configMap; else aws.stsCaFile), or correct the endpoint.',
    retry: 'slow',
  },
  StsThrottled: {
    area: 'sts',
    cause: 'STS refuses more requests from this account for now.',
    fix: 'Nothing to do for one pod; for many, ask AWS for a higher quota or use longer sessions.',
    retry: 'backoff',
  },
  StsUnavailable: {
    area: 'sts',
    cause: 'STS failed.',
    fix: 'Nothing to do: the request is repeated.',
    retry: 'backoff',
  },
  StsAnswerInvalid: {
    area: 'sts',
    cause: 'The answer did not come from STS, or makes no sense.',
    fix: 'Look at what stands between the pod and STS: proxies and captive portals answer like this.',
    retry: 'backoff',
  },
  StsIdentityProviderUnreachable: {
    area: 'sts',
    cause: "STS could not reach the cluster's OIDC issuer.",
    fix: 'Make the discovery document and the JWKS of the issuer public, and look at how fast they answer.',
    retry: 'backoff',
  },
  StsIdentityProviderUnknown: {
    area: 'sts',
    cause: "The AWS account has no IAM OIDC provider for the cluster's issuer.",
    fix: 'Create it with exactly the issuer URL of the token and the client ID of its audience.',
    retry: 'slow',
  },
  StsAudienceRejected: {
    area: 'sts',
    cause: 'The IAM OIDC provider does not list the audience of the token.',
    fix: 'Add the audience to the client IDs of the IAM OIDC provider, or change lanyard.dev/audience.',
    retry: 'slow',
  },
  StsVerificationKeyMissing: {
    area: 'sts',
    cause: 'STS did not find the key of the token at the issuer.',
    fix: "Publish the cluster's current JWKS; after a key rotation this passes by itself.",
    retry: 'rereadToken',
  },
  StsTokenExpired: {
    area: 'sts',
    cause: 'STS finds the identity token expired.',
    fix: "Look at kubelet's log on that node and at the node's clock.",
    retry: 'rereadToken',
  },
  StsTokenRejected: {
    area: 'sts',
    cause: 'STS does not accept the identity token.',
    fix: "Compare the token's issuer, audience and key with the IAM OIDC provider.",
    retry: 'rereadToken',
  },
  StsClaimRejected: {
    area: 'sts',
    cause: 'The identity provider rejected the claim.',
    fix: 'Look at the identity provider: the token may have been revoked.',
    retry: 'slow',
  },
  StsAccessDenied: {
    area: 'sts',
    cause: "The role does not exist, or its trust policy does not allow this pod's service account.",
    fix: 'Let the trust policy allow sts:AssumeRoleWithWebIdentity with StringEquals on :sub (system:serviceaccount:NAMESPACE:NAME) and :aud.',
    retry: 'slow',
  },
  StsChainDenied: {
    area: 'sts',
    cause: 'A role of lanyard.dev/assume-role-arn does not exist, or the role before it may not assume it.',
    fix: "Let the trust policy of the role that the message names allow sts:AssumeRole (with session tags sts:TagSession too, with a source identity sts:SetSourceIdentity) to the role before it, with its external ID, and that role's own policy as well.",
    retry: 'slow',
  },
  StsChainCredentialsRejected: {
    area: 'sts',
    cause: 'STS does not take the credentials of the role before, by which the next one is assumed.',
    fix: 'Nothing: they are renewed on their own. If it lasts, compare the STS endpoint with where the roles are.',
    retry: 'backoff',
  },
  StsChainWaiting: {
    area: 'sts',
    cause: 'There are no credentials of the role before, by which the next one could be assumed.',
    fix: 'Look at the cause of that in the message.',
    retry: 'backoff',
  },
  StsSamlDenied: {
    area: 'sts',
    cause: 'The role does not exist, or its trust policy does not allow the SAML provider or what the assertion says.',
    fix: 'Let the trust policy allow sts:AssumeRoleWithSAML to the SAML provider, with SAML:aud as the Recipient of its assertions.',
    retry: 'slow',
  },
  StsSamlExpired: {
    area: 'sts',
    cause: 'STS finds the SAML assertion expired: it must be redeemed within 5 minutes of its issuance.',
    fix: "Look at the identity provider's clock, and at how fresh the assertions are.",
    retry: 'rereadToken',
  },
  StsSamlRejected: {
    area: 'sts',
    cause: 'STS does not accept the SAML assertion.',
    fix: "Compare the assertion's issuer, audience, recipient and signing certificate with the IAM SAML provider.",
    retry: 'rereadToken',
  },
  StsPolicyMalformed: {
    area: 'sts',
    cause: 'STS does not understand the session policy.',
    fix: 'Correct lanyard.dev/session-policy.',
    retry: 'slow',
  },
  StsPolicyTooLarge: {
    area: 'sts',
    cause: 'The session policies are too large for STS.',
    fix: 'Shorten lanyard.dev/session-policy or lanyard.dev/session-policy-arns.',
    retry: 'slow',
  },
  StsDurationTooLong: {
    area: 'sts',
    cause: 'The session is to last longer than the role allows.',
    fix: "Shorten lanyard.dev/session-duration, or raise the role's MaxSessionDuration.",
    retry: 'slow',
  },
  StsRequestInvalid: {
    area: 'sts',
    cause: 'STS does not accept a parameter of the request.',
    fix: 'Correct what the message names.',
    retry: 'slow',
  },
  StsRegionDisabled: {
    area: 'sts',
    cause: 'STS is not activated in that region for this account.',
    fix: 'Activate it, or choose another region with lanyard.dev/region.',
    retry: 'slow',
  },
  StsOther: {
    area: 'sts',
    cause: 'STS answered with an error that Lanyard does not know.',
    fix: 'Look the code of the message up in the STS API reference.',
    retry: 'backoff',
  },
} as const satisfies Record<string, CodeEntry>
