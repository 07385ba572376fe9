export { parseRole } from './arns.ts'
export { assumeRole, type Holder, heldBy } from './assumeRole.ts'
export { checkAuthorities } from './authorities.ts'
export { type FileTokenOptions, fileTokenSource, type TokenSource } from './identityToken.ts'
export { type IdentityToken, keyIdOf, parseIdentityToken } from './jwt.ts'
export { type NetworkError, type NetworkTrouble, toNetworkFailure, toNetworkTrouble } from './networkErrors.ts'
export type { Outbound, OutboundAnswer, OutboundRequest } from './outbound.ts'
export { type ProxyEnv, type ProxyOptions, proxyEnvOf } from './proxy.ts'
export { printable, redact } from './redact.ts'
export { renderSessionName, type SessionNameParts } from './sessionName.ts'
export {
  type Hop,
  type IdentityRequest,
  type PodIdentity,
  planSessions,
  type SessionPlan,
  sessionProblems,
} from './sessions.ts'
export { measureSkew } from './skew.ts'
export type {
  AssumeRoleRequest,
  RoleRequest,
  SamlRequest,
  SigningKeys,
  Sts,
  StsAnswer,
  StsOperation,
  WebIdentityRequest,
} from './sts.ts'
export {
  type Attempt,
  checkDocument,
  checkSize,
  explainAttempt,
  parseDate,
  type Question,
  type Sighting,
  type StsDocument,
  textOf,
  unreadable,
} from './stsAttempt.ts'
export { checkRegion, chooseEndpoint, type EndpointKind, type EndpointOptions } from './stsEndpoint.ts'
export { foreignAnswer, invalidAnswer, type StsError, toStsFailure } from './stsErrors.ts'
export type { OpenSts, StsOptions } from './stsOptions.ts'
export { startTimer, type Timer } from './timer.ts'
export { type AnswerLimits, toCredentials } from './toCredentials.ts'
export { webIdentity } from './webIdentity.ts'
