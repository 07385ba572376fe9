import { directoryPath, filePath, integer } from './kinds/basic.ts'
import { oneOf, textKind } from './kinds/kind.ts'
import type { ProcessSetting } from './processSetting.ts'

/** What the sidecar is told beside the pod settings; all of it is written by the webhook. */
export const sidecarSettings = {
  'log.level': {
    kind: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info',
    doc: 'The least important lines that are logged.',
  },
  'pod.name': {
    kind: textKind('a pod name', 'web-0', /^[a-z0-9][a-z0-9.-]*$/, [1, 253]),
    required: true,
    doc: 'By the downward API: for the session name.',
  },
  'pod.namespace': {
    kind: textKind('a namespace', 'default', /^[a-z0-9][a-z0-9-]*$/, [1, 63]),
    required: true,
    doc: 'By the downward API: for the session name.',
  },
  'pod.uid': {
    kind: textKind('a uid', '3f8f9a52-0000-4000-8000-000000000000', /^[0-9A-Za-z-]+$/, [1, 64]),
    required: true,
    doc: 'By the downward API: credentials of another pod are never taken over.',
  },
  'pod.serviceAccount': {
    kind: textKind('a service account', 'default', /^[a-z0-9][a-z0-9.-]*$/, [1, 253]),
    required: true,
    doc: 'By the downward API: for the session name.',
  },
  'sts.ca': {
    kind: textKind(
      'PEM certificates of at most 32 kB',
      '-----BEGIN CERTIFICATE----- ... -----END CERTIFICATE-----',
      /^\s*-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*$/,
      [1, 32_768],
    ),
    doc: 'Authorities that the STS endpoint is verified with, where they are not the usual ones.',
  },
  'startGate.seconds': {
    kind: integer(1, 300),
    default: '28',
    doc: 'The longest that the program of the start gate waits.',
  },
  'identity.tokenFile': {
    kind: filePath,
    default: '/var/run/secrets/lanyard.dev/identity/token',
    doc: 'The projected service account token.',
  },
  'endpoint.tokensDirectory': {
    kind: directoryPath,
    default: '/var/run/secrets/lanyard.dev/endpoint',
    doc: "Where the containers' endpoint tokens are written.",
  },
  'state.directory': {
    kind: directoryPath,
    default: '/var/run/lanyard',
    doc: 'Where credentials and backoff survive a restart of the sidecar.',
  },
  'termination.log': {
    kind: filePath,
    default: '/dev/termination-log',
    doc: 'Where the cause of a failing start is written, for kubectl describe pod.',
  },
} as const satisfies Record<string, ProcessSetting>
