/**
 * What a pod can ask for, declared once: the annotation, the sidecar's variable (the same grammar, the same parser) and
 * the operator's setting that is its default.
 */
import {
  externalId,
  policyArns,
  policyDocument,
  region,
  role,
  roleChain,
  rolePatterns,
  sessionNameTemplate,
  sessionTags,
  sourceIdentity,
} from './kinds/aws.ts'
import { duration, flag, httpsUrl } from './kinds/basic.ts'
import { oneOf, type ValueOf } from './kinds/kind.ts'
import { audience, containerNames, containerRoles, providerName } from './kinds/kubernetes.ts'
import type { PodSetting } from './podSetting.ts'
import { podSidecarSettings } from './podSidecarSettings.ts'

export const ANNOTATION_PREFIX = 'lanyard.dev/'
export const EKS_PREFIX = 'eks.amazonaws.com/'
/** Written by us, never read. */
export const STATUS_ANNOTATION = 'lanyard.dev/status'

export const podSettings = {
  roleArn: {
    annotation: 'role-arn',
    env: 'LANYARD_ROLE_ARN',
    kind: role,
    doc: 'The role; turns injection on. A bare role name where the operator has set `aws.accountId`.',
    statement: true,
    direct: 'counts',
  },
  inject: {
    annotation: 'inject',
    kind: flag,
    doc: '`"false"` opts a pod out; `"true"` opts it in to the settings of its ServiceAccount or namespace.',
    otherwise: 'on where a role is given',
    statement: true,
    direct: 'counts',
  },
  mode: {
    annotation: 'mode',
    kind: oneOf('sidecar', 'direct'),
    doc: '`sidecar`; or `direct`: no sidecar, the token is in the app, whose SDK exchanges it by itself. The only mode with hostNetwork.',
    otherwise: '`sidecar`',
    direct: 'counts',
  },
  containers: {
    annotation: 'containers',
    env: 'LANYARD_CONTAINERS',
    kind: containerNames,
    doc: 'The containers that get `role-arn`.',
    otherwise: 'all that start after the sidecar',
    statement: true,
    direct: 'counts',
  },
  containerRoles: {
    annotation: 'container-roles',
    env: 'LANYARD_CONTAINER_ROLES',
    kind: containerRoles,
    doc: 'A role per container; turns injection on. The others get `role-arn`, if it is set and selects them.',
    statement: true,
    direct: 'counts',
  },
  protocol: {
    annotation: 'protocol',
    env: 'LANYARD_PROTOCOL',
    kind: oneOf('container', 'imds'),
    doc: 'How the app asks: the container credentials protocol; or IMDSv2, by which the pod has one role.',
    otherwise: '`container`',
  },
  audience: {
    annotation: 'audience',
    env: 'LANYARD_AUDIENCE',
    kind: audience,
    doc: 'Audience of the identity token.',
    operator: 'defaults.audience',
    direct: 'counts',
  },
  tokenExpiration: {
    annotation: 'token-expiration',
    kind: duration('10m', '24h'),
    doc: 'Lifetime of the identity token; kubelet renews it at 80 %.',
    operator: 'defaults.tokenExpiration',
    direct: 'counts',
  },
  sessionDuration: {
    annotation: 'session-duration',
    env: 'LANYARD_SESSION_DURATION',
    kind: duration('15m', '12h'),
    doc: 'Lifetime of the credentials; with `assume-role-arn` of the last, up to `1h`.',
    operator: 'defaults.sessionDuration',
  },
  sessionName: {
    annotation: 'session-name',
    env: 'LANYARD_SESSION_NAME',
    kind: sessionNameTemplate,
    doc: 'Session name, as CloudTrail shows it: sanitised, cut to 64 characters with a hash.',
    operator: 'defaults.sessionName',
  },
  sessionPolicy: {
    annotation: 'session-policy',
    env: 'LANYARD_SESSION_POLICY',
    kind: policyDocument,
    doc: 'A policy that narrows the role for this pod.',
  },
  sessionPolicyArns: {
    annotation: 'session-policy-arns',
    env: 'LANYARD_SESSION_POLICY_ARNS',
    kind: policyArns,
    doc: 'Managed policies that narrow the role for this pod.',
  },
  assumeRoleArn: {
    annotation: 'assume-role-arn',
    env: 'LANYARD_ASSUME_ROLE_ARN',
    kind: roleChain,
    doc: 'Roles to assume after `role-arn`, in order.',
    statement: true,
  },
  assumeRoleExternalId: {
    annotation: 'assume-role-external-id',
    env: 'LANYARD_ASSUME_ROLE_EXTERNAL_ID',
    kind: externalId,
    doc: 'External ID for each of those.',
    statement: true,
  },
  assumeRoleTags: {
    annotation: 'assume-role-tags',
    env: 'LANYARD_ASSUME_ROLE_TAGS',
    kind: sessionTags,
    doc: 'Session tags of the last of those.',
    statement: true,
  },
  sourceIdentity: {
    annotation: 'source-identity',
    env: 'LANYARD_SOURCE_IDENTITY',
    kind: sourceIdentity,
    doc: 'Source identity, from the first of those on.',
  },
  userCredentials: {
    annotation: 'user-credentials',
    kind: flag,
    doc: '`"true"` adds the broker for the app\'s own users.',
    otherwise: '`"false"`',
  },
  identityProvider: {
    annotation: 'identity-provider',
    env: 'LANYARD_IDENTITY_PROVIDER',
    kind: providerName,
    doc: 'A named source of identity that the operator configured.',
    otherwise: 'the service account',
  },
  region: {
    annotation: 'region',
    env: 'LANYARD_REGION',
    kind: region,
    doc: 'The region of STS and of the app.',
    operator: 'aws.region',
    otherwise: 'us-east-1 with the global endpoint, and no region for the app',
    direct: 'counts',
  },
  stsEndpoint: {
    annotation: 'sts-endpoint',
    env: 'LANYARD_STS_ENDPOINT',
    kind: httpsUrl,
    doc: 'Another STS endpoint, one that the operator allows.',
    operator: 'aws.stsEndpoint',
    otherwise: 'the one of the region',
    direct: 'counts',
  },
  ...podSidecarSettings,
  permittedRoles: {
    annotation: 'permitted-roles',
    kind: rolePatterns,
    doc: 'On a namespace: the roles that its pods may use.',
    otherwise: "the operator's `permission.defaultRoles`",
    on: 'namespace',
    direct: 'counts',
  },
} as const satisfies Record<string, PodSetting>

type Table = typeof podSettings
export type PodKey = keyof Table
export type PodValues = { readonly [K in PodKey]?: ValueOf<Table[K]['kind']> }

export const podEntries = Object.entries(podSettings) as readonly (readonly [PodKey, PodSetting])[]
export const annotationOf = (key: PodKey): string => ANNOTATION_PREFIX + podSettings[key].annotation
