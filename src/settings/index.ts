export type { RoleReference } from './kinds/aws.ts'
export { POLICY_CHARACTERS } from './kinds/aws.ts'
export { like } from './kinds/kind.ts'
export { addQuantities, formatQuantity, parseQuantity, sameQuantity } from './kinds/quantity.ts'
export { nearest } from './nearest.ts'
export type { PodSetting } from './podSetting.ts'
export {
  ANNOTATION_PREFIX,
  annotationOf,
  EKS_PREFIX,
  isLater,
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
