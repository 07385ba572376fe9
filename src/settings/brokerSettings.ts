import { region } from './kinds/aws.ts'
import {
  directoryPath,
  filePath,
  flag,
  httpsUrl,
  integer,
  noProxy,
  pem,
  proxyUrl,
  unprivilegedPort,
} from './kinds/basic.ts'
import { like, oneOf } from './kinds/kind.ts'
import { containerNames, objectName } from './kinds/kubernetes.ts'
import type { ProcessSetting } from './processSetting.ts'
import { podUserRoles, userProviders } from './userCredentials.ts'

/** What the broker is told; all of it is written by the webhook. */
export const brokerSettings = {
  'log.level': {
    kind: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info',
    doc: 'The least important lines that are logged.',
  },
  'pod.namespace': { kind: like(objectName, 'default'), required: true, doc: 'By the downward API.' },
  'broker.port': {
    kind: like(unprivilegedPort, '9799'),
    required: true,
    doc: "Port of the user credentials endpoint on the pod's loopback.",
  },
  'broker.metricsPort': {
    kind: like(unprivilegedPort, '9800'),
    required: true,
    doc: "Port of the broker's health and metrics.",
  },
  'broker.containers': { kind: containerNames, required: true, doc: 'The containers that may ask.' },
  'broker.tokensDirectory': {
    kind: directoryPath,
    default: '/var/run/secrets/lanyard.dev/broker',
    doc: "Where the containers' tokens are written.",
  },
  'broker.providers': { kind: userProviders, required: true, doc: 'Who vouches for users.' },
  'broker.roles': { kind: podUserRoles, required: true, doc: 'The roles that users can have.' },
  'broker.requestsPerMinute': { kind: integer(1, 10_000), default: '60', doc: 'Requests for one user in a minute.' },
  'broker.requestsPerSecond': { kind: integer(1, 10_000), default: '50', doc: 'Requests for all users in a second.' },
  'broker.cacheEntries': {
    kind: integer(1, 100_000),
    default: '1000',
    doc: 'The most sessions of users that are kept.',
  },
  'sts.region': { kind: region, required: true, doc: 'The region of STS.' },
  'sts.endpoint': { kind: httpsUrl, doc: 'The STS endpoint, where it is not the one of the region.' },
  'aws.fips': { kind: flag, default: 'false', doc: 'Whether the FIPS endpoint of the region is asked.' },
  'aws.dualStack': { kind: flag, default: 'false', doc: 'Whether the dual-stack endpoint of the region is asked.' },
  'sts.ca': {
    kind: pem,
    doc: 'Authorities that the STS endpoint is verified with, where they are not the usual ones.',
  },
  'outbound.proxy': { kind: proxyUrl, doc: 'The proxy by which all calls go out.' },
  'outbound.noProxy': { kind: noProxy, doc: 'Hosts that are asked without it.' },
  'termination.log': {
    kind: filePath,
    default: '/dev/termination-log',
    doc: 'Where the cause of a failing start is written, for kubectl describe pod.',
  },
} as const satisfies Record<string, ProcessSetting>
