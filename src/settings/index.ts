export { identityProviderKinds } from './identityFields.ts'
export {
  type IdentityProvider,
  type IdentityProviderKind,
  NOT_FOR_PODS,
  type PodIdentityProvider,
} from './identityProviders.ts'
export type { RoleReference } from './kinds/aws.ts'
export { accountId, LONGEST_CHAINED_SECONDS, POLICY_CHARACTERS, partition, policyArns, region } from './kinds/aws.ts'
export { duration } from './kinds/basic.ts'
export { type Kind, like, oneOf, textKind } from './kinds/kind.ts'
export { audience, containerNames, objectName, providerName } from './kinds/kubernetes.ts'
export { addQuantities, formatQuantity, parseQuantity, sameQuantity } from './kinds/quantity.ts'
export { nearest } from './nearest.ts'
export type { PodSetting } from './podSetting.ts'
export {
  ANNOTATION_PREFIX,
  annotationOf,
  EKS_PREFIX,
  type PodKey,
  type PodValues,
  podEntries,
  podSettings,
  STATUS_ANNOTATION,
} from './podSettings.ts'
export { exampleOf, type ProcessSetting } from './processSetting.ts'
export {
  type ConfigOf,
  flagOf,
  type ProcessName,
  processSettings,
  settingsOf,
  variableOf,
  type WebhookKey,
} from './processSettings.ts'
export { type Read, readConfig, readPodSettings, readPodVariables, readText, type Sources } from './read.ts'
export { recordsText, recordText } from './records.ts'
export { bytesOf, LONGEST_VARIABLE } from './textOfValue.ts'
export {
  type PodUserRole,
  rolesAlike,
  USER_LENGTH,
  USER_PLACEHOLDER,
  type UserProvider,
  type UserRole,
  userProviderKinds,
  userRoleKinds,
} from './userCredentials.ts'
