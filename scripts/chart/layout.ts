import {
  APP_TOKEN_FILE,
  BROKER,
  BROKER_COMMAND,
  FEDERATED_COMMAND,
  GLOBAL_STS,
  IDENTITY_TOKEN_FILE,
  PATHS,
  SIDECAR,
  SIDECAR_COMMAND,
  TERMINATION_LOG,
  VOLUMES,
  WAIT_COMMAND,
} from '../../src/injection/layout.ts'
import {
  ANNOTATION_PREFIX,
  annotationOf,
  identityProviderKinds,
  NOT_FOR_PODS,
  type ProcessSetting,
  podSettings,
  processSettings,
  STATUS_ANNOTATION,
  userProviderKinds,
  userRoleKinds,
  variableOf,
} from '../../src/settings/index.ts'
import { ROLE_PATTERN } from '../../src/settings/kinds/aws.ts'

type Kinds = Readonly<Record<string, Readonly<Record<string, Pick<ProcessSetting, 'kind' | 'default'>>>>>

/** The defaults of each kind's fields: a record in a pod's variable has them filled in. */
const defaultsOf = (kinds: Kinds): object =>
  Object.fromEntries(
    Object.entries(kinds).map(([kind, fields]) => [
      kind,
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, field]) => (field.default === undefined ? [] : [[name, field.default]])),
      ),
    ]),
  )

/** Of the broker's variables those that the operator's settings say, with those settings. */
const BROKER_SETTINGS = ['port', 'metricsPort', 'requestsPerMinute', 'requestsPerSecond', 'cacheEntries'] as const
const brokerSettings = BROKER_SETTINGS.map((name) => ({
  variable: variableOf(`broker.${name}`),
  path: ['userCredentials', name],
  default: processSettings.webhook[`userCredentials.${name}`].default,
}))

/** What the code and the chart's policies must both call by the same name. */
const layout = {
  sidecar: SIDECAR,
  broker: BROKER,
  volumes: VOLUMES,
  paths: PATHS,
  appTokenFile: APP_TOKEN_FILE,
  identityTokenFile: IDENTITY_TOKEN_FILE,
  terminationLog: TERMINATION_LOG,
  command: SIDECAR_COMMAND,
  federatedCommand: FEDERATED_COMMAND,
  brokerCommand: BROKER_COMMAND,
  waitCommand: WAIT_COMMAND,
  globalEndpoint: GLOBAL_STS.endpoint,
  annotationPrefix: ANNOTATION_PREFIX,
  statusAnnotation: STATUS_ANNOTATION,
  permittedRoles: annotationOf('permittedRoles'),
  variables: {
    roleArn: podSettings.roleArn.env,
    containerRoles: podSettings.containerRoles.env,
    assumeRoleArn: podSettings.assumeRoleArn.env,
    assumeRoleTags: podSettings.assumeRoleTags.env,
    sourceIdentity: podSettings.sourceIdentity.env,
    stsEndpoint: podSettings.stsEndpoint.env,
    sessionName: podSettings.sessionName.env,
    stsCa: variableOf('sts.ca'),
    identityProvider: podSettings.identityProvider.env,
    providerConfig: variableOf('provider.config'),
    brokerProviders: variableOf('broker.providers'),
    brokerRoles: variableOf('broker.roles'),
    brokerTokens: variableOf('broker.tokensDirectory'),
    terminationLog: variableOf('termination.log'),
    fips: variableOf('aws.fips'),
    dualStack: variableOf('aws.dualStack'),
    proxy: variableOf('outbound.proxy'),
    noProxy: variableOf('outbound.noProxy'),
  },
  brokerSettings,
  records: {
    identityProviders: defaultsOf(identityProviderKinds),
    userProviders: defaultsOf(userProviderKinds),
    userRoles: defaultsOf(userRoleKinds),
  },
  notForPods: NOT_FOR_PODS,
  /** Variables that say where the sidecar's files are: the same in every pod. */
  places: {
    [variableOf('identity.tokenFile')]: IDENTITY_TOKEN_FILE,
    [variableOf('endpoint.tokensDirectory')]: PATHS.endpoint,
    [variableOf('state.directory')]: PATHS.state,
    [variableOf('termination.log')]: TERMINATION_LOG,
    // Written nowhere, since they are the defaults.
    [variableOf('provider.directory')]: PATHS.provider,
    [variableOf('provider.fileDirectory')]: PATHS.providerFile,
    [variableOf('broker.tokensDirectory')]: PATHS.broker,
  },
  /** Variables that kubelet fills in, and with what. */
  downward: {
    [variableOf('pod.name')]: 'metadata.name',
    [variableOf('pod.namespace')]: 'metadata.namespace',
    [variableOf('pod.uid')]: 'metadata.uid',
    [variableOf('pod.serviceAccount')]: 'spec.serviceAccountName',
  },
  /** RE2 reads it as JavaScript does. */
  rolePattern: ROLE_PATTERN.source,
  /** Its beginning, which every ARN of a role has. */
  roleOwner: ROLE_PATTERN.source.split(':role')[0],
}

/** templates/_layout.tpl: those names as JSON, for `include "lanyard.layout" . | fromJson`. */
export function layoutTemplate(): string {
  return [
    '{{- /* Generated from the code by `npm run docs`; change the code, not this file. */}}',
    '{{- define "lanyard.layout" -}}',
    JSON.stringify(layout, undefined, 2),
    '{{- end }}',
    '',
  ].join('\n')
}
