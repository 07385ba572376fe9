import {
  APP_TOKEN_FILE,
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
  podSettings,
  STATUS_ANNOTATION,
  variableOf,
} from '../../src/settings/index.ts'
import { ROLE_PATTERN } from '../../src/settings/kinds/aws.ts'

/** What the code and the chart's policies must both call by the same name. */
const layout = {
  sidecar: SIDECAR,
  volumes: VOLUMES,
  paths: PATHS,
  appTokenFile: APP_TOKEN_FILE,
  identityTokenFile: IDENTITY_TOKEN_FILE,
  terminationLog: TERMINATION_LOG,
  command: SIDECAR_COMMAND,
  waitCommand: WAIT_COMMAND,
  globalEndpoint: GLOBAL_STS.endpoint,
  annotationPrefix: ANNOTATION_PREFIX,
  statusAnnotation: STATUS_ANNOTATION,
  permittedRoles: annotationOf('permittedRoles'),
  variables: {
    roleArn: podSettings.roleArn.env,
    containerRoles: podSettings.containerRoles.env,
    assumeRoleArn: podSettings.assumeRoleArn.env,
    stsEndpoint: podSettings.stsEndpoint.env,
    sessionName: podSettings.sessionName.env,
    stsCa: variableOf('sts.ca'),
  },
  /** Variables that say where the sidecar's files are: the same in every pod. */
  places: {
    [variableOf('identity.tokenFile')]: IDENTITY_TOKEN_FILE,
    [variableOf('endpoint.tokensDirectory')]: PATHS.endpoint,
    [variableOf('state.directory')]: PATHS.state,
    [variableOf('termination.log')]: TERMINATION_LOG,
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
