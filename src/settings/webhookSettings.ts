import { rolePatterns, sessionNameTemplate, tagKey } from './kinds/aws.ts'
import { duration, filePath, flag, integer, port, unprivilegedPort } from './kinds/basic.ts'
import { like, listOf, oneOf, orNone, textKind } from './kinds/kind.ts'
import { audience, image, namePatterns, objectName, quantity } from './kinds/kubernetes.ts'
import type { ProcessSetting } from './processSetting.ts'
import { webhookFederationSettings } from './webhookFederationSettings.ts'

const host = textKind('an IP address', '0.0.0.0', /^[0-9A-Fa-f.:]+$/, [2, 45])

/** What the operator decides: settings of the webhook. */
export const webhookSettings = {
  'log.level': {
    kind: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info',
    doc: 'The least important lines that are logged.',
  },
  'webhook.address': {
    kind: host,
    default: '::',
    doc: 'The address that the webhook listens on; "::" is every address, IPv4 too.',
  },
  'webhook.port': {
    kind: port,
    default: '10250',
    doc: 'The port of POST /mutate, over TLS. 10250 is what private GKE clusters let the API server reach.',
  },
  'webhook.metricsPort': {
    kind: port,
    default: '9798',
    doc: 'The port of /healthz, /readyz and /metrics, plain HTTP.',
  },
  'webhook.maxBodyBytes': {
    kind: integer(65_536, 67_108_864),
    default: '4194304',
    doc: 'The largest AdmissionReview that is read, in bytes.',
  },
  'webhook.drain': {
    kind: duration('0s', '5m'),
    default: '5s',
    doc: 'How long the webhook goes on answering after SIGTERM while it is no longer ready, so that the API server learns of it.',
  },
  'tls.certFile': {
    kind: filePath,
    doc: 'PEM file with the serving certificate and its chain; without it, Lanyard has an authority of its own.',
  },
  'tls.keyFile': {
    kind: like(filePath, '/etc/lanyard/tls/tls.key'),
    doc: 'PEM file with the private key of the serving certificate.',
  },
  'tls.namespace': {
    kind: like(objectName, 'lanyard-system'),
    doc: 'Namespace of the Secret and the Service below; the chart says it.',
  },
  'tls.caSecret': {
    kind: like(objectName, 'lanyard-webhook-ca'),
    default: 'lanyard-webhook-ca',
    doc: 'Secret in which the built-in authority is kept.',
  },
  'tls.service': {
    kind: like(objectName, 'lanyard-webhook'),
    default: 'lanyard-webhook',
    doc: 'Service by which the API server reaches the webhook: the name in its certificate.',
  },
  'tls.webhookConfiguration': {
    kind: like(objectName, 'lanyard-webhook'),
    default: 'lanyard-webhook',
    doc: 'MutatingWebhookConfiguration whose entries are told to trust the built-in authority.',
  },
  'tls.caLifetime': {
    kind: duration('2m', '87600h'),
    default: '8760h',
    doc: 'Lifetime of a built-in authority; at half of it its successor begins to be trusted.',
  },
  'tls.certificateLifetime': {
    kind: duration('1m', '8760h'),
    default: '24h',
    doc: 'Lifetime of a serving certificate of the built-in authority, at most; each replica makes its own.',
  },
  'tls.settle': {
    kind: duration('0s', '5m'),
    default: '5s',
    doc: 'How long a new authority has been in every caBundle before a certificate of it is served: API servers learn of it with a delay.',
  },
  'sources.enabled': {
    kind: flag,
    default: 'true',
    doc: 'Whether annotations of ServiceAccounts and namespaces are read. Without, pods say everything themselves, and the webhook needs no right to read either.',
  },
  'permission.mode': {
    kind: oneOf('whenPresent', 'required'),
    default: 'whenPresent',
    doc: 'Whether a namespace must be permitted its roles: only where it carries lanyard.dev/permitted-roles, or always.',
  },
  'permission.defaultRoles': {
    kind: orNone(rolePatterns),
    doc: 'The roles that pods may use in namespaces without lanyard.dev/permitted-roles.',
  },
  'compatibility.eks': {
    kind: flag,
    default: 'false',
    doc: 'Whether eks.amazonaws.com/ annotations are understood, as the EKS pod identity webhook does.',
  },
  'sidecar.image': { kind: image, required: true, doc: 'The image of the sidecar.' },
  'sidecar.imagePullPolicy': {
    kind: oneOf('IfNotPresent', 'Always', 'Never'),
    default: 'IfNotPresent',
    doc: 'When kubelet pulls that image.',
  },
  'sidecar.acceptedImages': {
    kind: like(namePatterns, 'registry.example.com/lanyard:*'),
    doc: 'Images that a registry rewriter may have put in its place; * stands for any run of characters but "/".',
  },
  'sidecar.logLevel': {
    kind: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info',
    doc: 'The least important lines that the sidecars log.',
  },
  'sidecar.uid': {
    kind: integer(1, 2_147_483_647),
    default: '29797',
    doc: "User and group of the sidecar. Its own, so that no app's process can read it through /proc.",
  },
  'sidecar.resources.requests.cpu': {
    kind: quantity('cpu', '5m'),
    default: '5m',
    doc: 'CPU that the sidecar requests.',
  },
  'sidecar.resources.requests.memory': {
    kind: quantity('memory', '64Mi'),
    default: '64Mi',
    doc: 'Memory that the sidecar requests.',
  },
  'sidecar.resources.limits.cpu': {
    kind: quantity('cpu', '1'),
    default: '1',
    doc: "CPU limit of the sidecar: the price of a pod's start, since it does nothing later.",
  },
  'sidecar.resources.limits.memory': {
    kind: quantity('memory', '128Mi'),
    default: '128Mi',
    doc: 'Memory limit of the sidecar.',
  },
  'sidecar.guaranteedCpu': {
    kind: quantity('cpu', '200m'),
    default: '200m',
    doc: 'CPU that the sidecar requests, and its limit, in a pod of QoS class Guaranteed.',
  },
  'sidecar.startGate': {
    kind: oneOf('postStart', 'startupProbe'),
    default: 'postStart',
    doc: 'What keeps the app from starting before its credentials are there: a hook (fast) or a startup probe.',
  },
  'sidecar.startGateSeconds': {
    kind: integer(5, 300),
    default: '28',
    doc: "The longest that the start gate waits before the sidecar is restarted; kept within the pod's grace period.",
  },
  'sidecar.meshContainers': {
    kind: namePatterns,
    default: 'istio-init istio-validation istio-proxy linkerd-*',
    doc: 'Containers of service meshes: the sidecar starts behind their proxy, and they get no credentials unless named.',
  },
  ...webhookFederationSettings,
  'defaults.audience': {
    kind: audience,
    default: 'sts.amazonaws.com',
    doc: 'Audience of the identity token.',
  },
  'defaults.tokenExpiration': {
    kind: duration('10m', '24h'),
    default: '24h',
    doc: 'Lifetime of the identity token; kubelet renews it at 80 %.',
  },
  'defaults.sessionDuration': {
    kind: duration('15m', '12h'),
    default: '1h',
    doc: 'Lifetime of the credentials.',
  },
  'defaults.sessionName': {
    kind: sessionNameTemplate,
    default: '{namespace}.{serviceaccount}.{pod}',
    doc: 'Session name, as CloudTrail shows it.',
  },
  'defaults.lockSessionName': {
    kind: flag,
    default: 'false',
    doc: 'Whether pods are denied a session name and a source identity of their own, so that CloudTrail is not theirs to forge.',
  },
  'defaults.reservedTagKeys': {
    kind: orNone(listOf(tagKey, 'keys of session tags')),
    doc: 'Session tags that pods may not set, in whatever case, so that what IAM decides by them is not theirs to forge.',
  },
  'defaults.credentialsPort': {
    kind: unprivilegedPort,
    default: '9797',
    doc: "The port of the credentials endpoint on the pod's loopback.",
  },
  'defaults.metricsPort': {
    kind: unprivilegedPort,
    default: '9798',
    doc: "The port of the sidecar's health and metrics.",
  },
  'env.staticKeys': {
    kind: oneOf('deny', 'warn'),
    default: 'deny',
    doc: 'What happens to pods whose containers set AWS_ACCESS_KEY_ID and its like, which every SDK prefers.',
  },
  'imds.sharedByPod': {
    kind: flag,
    default: 'false',
    doc: 'Whether pods may use IMDS together with lanyard.dev/containers or container-roles, although every container of a pod can reach it.',
  },
} as const satisfies Record<string, ProcessSetting>
