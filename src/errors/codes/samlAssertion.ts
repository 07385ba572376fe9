import type { CodeEntry } from './entry.ts'

/** Who has signed it. */
export const samlSignatureCodes = {
  SamlMetadataInvalid: {
    area: 'saml',
    cause: 'The metadata of the SAML identity provider cannot be used.',
    fix: 'Give its EntityDescriptor with an IDPSSODescriptor and its signing certificates as metadata.',
    retry: 'slow',
  },
  SamlUnsigned: {
    area: 'saml',
    cause: 'Neither the SAML response nor the assertion is signed.',
    fix: 'Let the identity provider sign the assertion.',
    retry: 'slow',
  },
  SamlSignatureAlgorithm: {
    area: 'saml',
    cause: 'The SAML response is signed by an algorithm that is not accepted.',
    fix: 'Let the identity provider sign by RSA or ECDSA with SHA-256 or longer, and canonicalise exclusively.',
    retry: 'slow',
  },
  SamlSignatureReference: {
    area: 'saml',
    cause: 'A signature in the SAML response is not about the element that it stands in, and that alone.',
    fix: 'Look at who has put it together: this is how signed assertions are forged.',
    retry: 'slow',
  },
  SamlSignatureInvalid: {
    area: 'saml',
    cause: 'The signature of the SAML response does not fit it, or is not by a key of the metadata.',
    fix: "Renew metadata, if the identity provider has new keys (IAM's SAML provider needs them too); if it has not, somebody tampers.",
    retry: 'slow',
  },
} as const satisfies Record<string, CodeEntry>

/** What it says. */
export const samlContentCodes = {
  SamlStatus: {
    area: 'saml',
    cause: 'The identity provider answers that it did not succeed.',
    fix: "Look at the user name and the password, which some refuse like this, and at the identity provider's log.",
    retry: 'slow',
  },
  SamlIssuer: {
    area: 'saml',
    cause: 'The SAML assertion is by another issuer than the one that the metadata is of.',
    fix: 'Give the metadata of the issuer that the message names, if that is the right one.',
    retry: 'slow',
  },
  SamlTime: {
    area: 'saml',
    cause: 'A time in the SAML assertion is missing, or is none.',
    fix: 'Look at where it comes from: SAML has times in UTC.',
    retry: 'slow',
  },
  SamlExpired: {
    area: 'saml',
    cause: 'The SAML assertion has expired.',
    fix: 'Compare the clocks of the node and of the identity provider.',
    retry: 'rereadToken',
  },
  SamlNotYetValid: {
    area: 'saml',
    cause: 'The SAML assertion is not valid yet.',
    fix: 'Compare the clocks of the node and of the identity provider.',
    retry: 'rereadToken',
  },
  SamlTooOld: {
    area: 'saml',
    cause: 'The SAML assertion was issued more than 5 minutes ago, and STS takes none that is older.',
    fix: 'Compare the clocks of the node and of the identity provider.',
    retry: 'rereadToken',
  },
  SamlFromFuture: {
    area: 'saml',
    cause: 'The SAML assertion was issued in the future.',
    fix: 'Compare the clocks of the node and of the identity provider.',
    retry: 'rereadToken',
  },
  SamlReplayed: {
    area: 'saml',
    cause: 'The identity provider gave an assertion that has been redeemed already.',
    fix: 'Look at what stands between the pod and the identity provider: a cache may answer instead.',
    retry: 'rereadToken',
  },
  SamlAudience: {
    area: 'saml',
    cause: 'The SAML assertion is not for AWS, or not for AWS alone.',
    fix: 'Make serviceProvider and the entity ID that the identity provider has for AWS the same.',
    retry: 'slow',
  },
  SamlConditions: {
    area: 'saml',
    cause: 'The SAML assertion holds under a condition that Lanyard does not know.',
    fix: 'Let the identity provider send AudienceRestriction, OneTimeUse and ProxyRestriction at most.',
    retry: 'slow',
  },
  SamlConfirmation: {
    area: 'saml',
    cause: 'The subject of the SAML assertion is not confirmed by bearer for a limited time.',
    fix: 'Let the identity provider send one SubjectConfirmation of method bearer with NotOnOrAfter.',
    retry: 'slow',
  },
  SamlRecipient: {
    area: 'saml',
    cause: 'The SAML assertion is for another recipient.',
    fix: 'Make recipient and the assertion consumer service URL that the identity provider has for AWS the same.',
    retry: 'slow',
  },
  SamlAttributes: {
    area: 'saml',
    cause: "One of AWS's attributes is there twice, or is more than a text.",
    fix: 'Correct the claim rules or attribute mappings of the identity provider for AWS.',
    retry: 'slow',
  },
  SamlRoleMissing: {
    area: 'saml',
    cause: 'The SAML assertion names no role.',
    fix: 'Let the identity provider send the attribute https://aws.amazon.com/SAML/Attributes/Role.',
    retry: 'slow',
  },
  SamlRolePair: {
    area: 'saml',
    cause: 'The SAML assertion does not name the role of the pod with its SAML provider.',
    fix: 'Let the identity provider send a Role value "ROLE-ARN,SAML-PROVIDER-ARN" for that account, or correct principalArn.',
    retry: 'slow',
  },
  SamlRoleAmbiguous: {
    area: 'saml',
    cause: 'The SAML assertion names the role of the pod in a way that can be read twice.',
    fix: 'Let the identity provider send one Role attribute, and in it one value with two ARNs for that role.',
    retry: 'slow',
  },
  SamlSessionName: {
    area: 'saml',
    cause: 'The SAML assertion has no session name that AWS takes.',
    fix: 'Let the identity provider send RoleSessionName once, 2 to 64 characters of letters, digits and _+=,.@-.',
    retry: 'slow',
  },
  SamlSessionDuration: {
    area: 'saml',
    cause: 'The SAML assertion has a SessionDuration that AWS does not take.',
    fix: 'Let the identity provider send 900 to 43200 seconds, or leave the attribute out.',
    retry: 'slow',
  },
} as const satisfies Record<string, CodeEntry>
