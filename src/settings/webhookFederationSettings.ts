import { identityProviders } from './identityProviders.ts'
import { accountId, partition, region } from './kinds/aws.ts'
import { filePath, flag, httpsUrl, integer, noProxy, proxyUrl, unprivilegedPort } from './kinds/basic.ts'
import { like, listOf, orNone } from './kinds/kind.ts'
import type { ProcessSetting } from './processSetting.ts'
import { userProviders, userRoles } from './userCredentials.ts'

/** What the operator decides of STS, of identity providers, and of the way there. */
export const webhookFederationSettings = {
  'aws.region': { kind: region, doc: 'The region of STS and of the app, where the pod says none.' },
  'aws.accountId': {
    kind: accountId,
    doc: 'The account of roles that are given by name alone; quote it in YAML, which drops a leading zero.',
  },
  'aws.partition': {
    kind: partition,
    default: 'aws',
    doc: 'The partition of roles that are given by name alone.',
  },
  'aws.stsEndpoint': { kind: httpsUrl, doc: 'The STS endpoint, where it is not the one of the region.' },
  'aws.allowedStsEndpoints': {
    kind: orNone(listOf(httpsUrl, 'https URLs')),
    doc: 'STS endpoints that pods may choose by annotation.',
  },
  'aws.stsCaFile': {
    kind: like(filePath, '/etc/lanyard/sts/ca.crt'),
    doc: 'PEM file with the authorities that the STS endpoint is verified with, where they are not the usual ones; at most 32 kB.',
  },
  'aws.fips': { kind: flag, default: 'false', doc: 'Whether the FIPS endpoint of the region is asked.' },
  'aws.dualStack': { kind: flag, default: 'false', doc: 'Whether the dual-stack endpoint of the region is asked.' },
  'outbound.proxy': { kind: proxyUrl, doc: 'The proxy by which sidecars call STS and identity providers.' },
  'outbound.noProxy': { kind: noProxy, doc: 'Hosts that sidecars ask without it.' },
  identityProviders: {
    kind: identityProviders,
    doc: 'Sources of identity that pods choose by lanyard.dev/identity-provider; the page on identity providers has their fields.',
  },
  userProviders: {
    kind: userProviders,
    doc: "Who vouches for an app's own users; the page on identity providers has their fields.",
  },
  userRoles: {
    kind: userRoles,
    doc: "Roles that an app's own users can have; the page on identity providers has their fields.",
  },
  'userCredentials.port': {
    kind: like(unprivilegedPort, '9799'),
    default: '9799',
    doc: "Port of the user credentials endpoint on the pod's loopback.",
  },
  'userCredentials.metricsPort': {
    kind: like(unprivilegedPort, '9800'),
    default: '9800',
    doc: "Port of the broker's health and metrics.",
  },
  'userCredentials.requestsPerMinute': {
    kind: integer(1, 10_000),
    default: '60',
    doc: 'Requests for the credentials of one user in a minute.',
  },
  'userCredentials.requestsPerSecond': {
    kind: integer(1, 10_000),
    default: '50',
    doc: 'Requests for the credentials of all users of a pod in a second.',
  },
  'userCredentials.cacheEntries': {
    kind: integer(1, 100_000),
    default: '1000',
    doc: 'The most sessions of users that a pod keeps.',
  },
} as const satisfies Record<string, ProcessSetting>
