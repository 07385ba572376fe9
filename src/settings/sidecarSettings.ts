import { podIdentityProvider } from './identityProviders.ts'
import { directoryPath, filePath, flag, integer, noProxy, pem, proxyUrl } from './kinds/basic.ts'
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
    kind: pem,
    doc: 'Authorities that the STS endpoint is verified with, where they are not the usual ones.',
  },
  'outbound.proxy': { kind: proxyUrl, doc: 'The proxy by which all calls go out.' },
  'outbound.noProxy': { kind: noProxy, doc: 'Hosts that are asked without it.' },
  'aws.fips': { kind: flag, default: 'false', doc: 'Whether the FIPS endpoint of the region is asked.' },
  'aws.dualStack': { kind: flag, default: 'false', doc: 'Whether the dual-stack endpoint of the region is asked.' },
  'provider.config': {
    kind: podIdentityProvider,
    doc: 'The identity provider of the pod, as JSON; none where the service account is its identity.',
  },
  'provider.directory': {
    kind: directoryPath,
    default: '/var/run/secrets/lanyard.dev/provider',
    doc: 'Where the secrets and authorities of the identity provider are mounted: secret/KEY and ca/KEY.',
  },
  'provider.fileDirectory': {
    kind: directoryPath,
    default: '/var/run/secrets/lanyard.dev/provider-file',
    doc: 'Where the volume is mounted that another container writes the identity to.',
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
