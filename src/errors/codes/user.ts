import type { CodeEntry } from './entry.ts'

/** Why the broker gives an app no credentials of one of its users. */
export const userCodes = {
  UserRequestInvalid: {
    area: 'user',
    cause: 'The request for credentials of a user is not one.',
    fix: 'Correct what the message names.',
  },
  UserContentTypeWrong: {
    area: 'user',
    cause: 'The request does not say that its body is JSON.',
    fix: 'Send the header Content-Type: application/json.',
  },
  UserRequestTooLarge: {
    area: 'user',
    cause: 'The request is larger than one with the longest token that STS takes.',
    fix: 'Send the token of the login alone: STS takes at most 20,000 characters.',
  },
  UserProviderUnknown: {
    area: 'user',
    cause: 'The operator has declared no such provider of users.',
    fix: "Use one of the names in the operator's userProviders.",
  },
  UserRoleUnknown: {
    area: 'user',
    cause: 'The operator has declared no such role for users in this namespace.',
    fix: "Use one of the names in the operator's userRoles that lists this namespace.",
  },
  UserRoleDenied: {
    area: 'user',
    cause: 'Users of this provider cannot have this role.',
    fix: 'Have the operator add the provider to the providers of the role, in userRoles, if they are to have it.',
  },
  UserNonceMissing: {
    area: 'user',
    cause: 'The request does not say with which nonce the user logged in.',
    fix: 'Send a nonce with every login, keep it with the session of the browser, and send it here beside the token.',
  },
  UserNonceWrong: {
    area: 'user',
    cause: 'The token does not hold the nonce of this login: it comes from another one.',
    fix: 'Have the user log in again; if it lasts, look at how the app keeps the nonce between login and request.',
  },
  UserTokenMalformed: {
    area: 'user',
    cause: 'The token of the user is no signed JSON Web Token as an ID token is.',
    fix: 'Send the ID token as the provider gave it: no access token, and nothing around it.',
  },
  UserTokenAlgorithm: {
    area: 'user',
    cause: 'The token of the user is signed in a way that its provider is not to use.',
    fix: "Nothing, if it is a forgery; else have the operator look at the provider's algorithms.",
  },
  UserTokenKeyForeign: {
    area: 'user',
    cause: 'The token of the user brings along the key that it is to be verified with.',
    fix: 'Nothing, if it is a forgery: keys are taken from the provider alone.',
  },
  UserTokenKeyUnknown: {
    area: 'user',
    cause: 'The provider has no such key as the token of the user is signed with.',
    fix: 'Nothing, if it is a forgery; after a change of keys at the provider it passes within half a minute.',
  },
  UserTokenForged: {
    area: 'user',
    cause: 'The signature of the token of the user is wrong.',
    fix: 'Send the ID token as the provider gave it, and look at who changes it on the way.',
  },
  UserTokenIssuer: {
    area: 'user',
    cause: 'The token of the user was issued by somebody else than the provider that the request names.',
    fix: 'Send the name of the provider that the user logged in with.',
  },
  UserTokenAudience: {
    area: 'user',
    cause: 'The token of the user is meant for another app.',
    fix: "Have the user log in to this app; if that is what happened, have the operator look at the provider's clientIds.",
  },
  UserTokenExpired: {
    area: 'user',
    cause: 'The token of the user has expired.',
    fix: 'Have the user log in again, or refresh the token.',
  },
  UserTokenTooOld: {
    area: 'user',
    cause: 'The token of the user was issued longer ago than the operator allows.',
    fix: "Have the user log in again, or have the operator look at the provider's maxTokenAge.",
  },
  UserTokenNotYetValid: {
    area: 'user',
    cause: 'The token of the user is from the future.',
    fix: 'Look at the clocks of the node and of the provider.',
  },
  UserTokenClaims: {
    area: 'user',
    cause: 'The token of the user does not say what an ID token must say.',
    fix: 'Look at what the provider puts into its ID tokens; the message names the claim.',
  },
  UserTokenRefused: {
    area: 'user',
    cause: 'The provider does not know the access token of the user, or not any more.',
    fix: 'Have the user log in again.',
  },
  UserRateExceeded: {
    area: 'user',
    cause: 'There were too many requests for this user.',
    fix: 'Keep the credentials until shortly before they expire, and ask again after the seconds of Retry-After.',
  },
  BrokerRateExceeded: {
    area: 'user',
    cause: 'There were too many requests for all users together.',
    fix: 'Ask again after the seconds of Retry-After; have the operator raise requestsPerSecond if so many are right.',
  },
  UserProviderInvalid: {
    area: 'user',
    cause: 'The provider of the user answers with what makes no sense.',
    fix: "Look at the provider's issuer in userProviders, and at what stands between the pod and it.",
  },
} as const satisfies Record<string, CodeEntry>
