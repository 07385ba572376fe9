import type { CodeEntry } from './entry.ts'

/** What `lanyard doctor` finds that no other program says. */
export const doctorCodes = {
  TargetMissing: {
    area: 'doctor',
    cause: 'There is no such pod, workload, service account or namespace.',
    fix: 'Look at the spelling, and for what is in a namespace at -n NAMESPACE.',
  },
  WebhookMissing: {
    area: 'doctor',
    cause: 'The cluster has no webhook configuration of Lanyard: pods get no credentials.',
    fix: 'Run helm upgrade, which makes it again.',
  },
  GuardMissing: {
    area: 'doctor',
    cause: 'Permission is required for roles, and a policy of the guard that holds pods to it is not there.',
    fix: 'Run helm upgrade, which makes it again.',
  },
  WebhookDown: {
    area: 'doctor',
    cause: 'No replica of the webhook is ready: annotated pods are refused until one is.',
    fix: 'Look at the Deployment lanyard-webhook, its pods and their log.',
  },
  WebhookAuthorityWrong: {
    area: 'doctor',
    cause:
      'The API server does not trust the certificate of the webhook: the caBundle is empty, corrupt or of another authority.',
    fix: 'Run helm upgrade; with a certificate of your own, see the page on certificates.',
  },
  WebhookUnreachable: {
    area: 'doctor',
    cause: 'The API server gets no answer from the webhook.',
    fix: 'Look at network policies and at how the control plane reaches pods.',
  },
  WebhookRightsMissing: {
    area: 'doctor',
    cause: "The webhook's ServiceAccount lacks rights that the chart gives it.",
    fix: 'Run helm upgrade, which restores the Role and ClusterRole.',
  },
  RightsMissing: {
    area: 'doctor',
    cause: 'You may not look at this, so the doctor cannot say whether it is well.',
    fix: 'Ask for the right that the message names, or let somebody run the doctor who has it.',
  },
  NamespaceExcluded: {
    area: 'doctor',
    cause: 'The API server asks the webhook about no pod of that namespace.',
    fix: 'Run the pod in another namespace, or change webhook.namespaceSelector of the chart.',
  },
  PodNotInjected: {
    area: 'doctor',
    cause: 'The pod runs without a sidecar, although it would get one now.',
    fix: 'Make it anew (kubectl rollout restart): the annotations or Lanyard came after it.',
  },
  PodOutdated: {
    area: 'doctor',
    cause: 'The pod would be injected otherwise now: its settings or the operator’s have changed since.',
    fix: 'Make it anew (kubectl rollout restart).',
  },
  PodRefused: {
    area: 'doctor',
    cause: 'The API server refuses to make the pod.',
    fix: 'Change what the message names.',
  },
  QuotaExceeded: {
    area: 'doctor',
    cause: 'A ResourceQuota or LimitRange of the namespace leaves no room for the pod with its sidecar.',
    fix: 'Raise the quota, or lower lanyard.dev/sidecar-cpu-request and its like within what the sidecar needs.',
  },
  SidecarNotRunning: {
    area: 'doctor',
    cause: 'The sidecar of the pod does not run.',
    fix: 'Look at the state of the container lanyard: its image, its last message.',
  },
  AppNeverAsked: {
    area: 'doctor',
    cause: 'No SDK in the pod has asked for credentials.',
    fix: 'Nothing, if the app has not called AWS yet; else its SDK is too old or finds credentials elsewhere first.',
  },
  SdkTooOld: {
    area: 'doctor',
    cause:
      'An SDK in the pod asks for credentials without the token: it is too old to know AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.',
    fix: 'Update the SDK (the page on compatibility has the versions), or use lanyard.dev/protocol: imds.',
  },
  StaticKeys: {
    area: 'doctor',
    cause: 'The container has AWS keys or a profile of its own, which its SDK takes before Lanyard’s credentials.',
    fix: 'Take the variables away.',
  },
  ClockSkewed: {
    area: 'doctor',
    cause: 'The clock differs from that of STS by more than a minute.',
    fix: 'Set the clock of the node (chrony or systemd-timesyncd).',
  },
  RegionUnknown: {
    area: 'doctor',
    cause: 'There is no such region, or it is of another partition than the role.',
    fix: 'Correct lanyard.dev/region or config.aws.region.',
  },
  RoleAbsent: {
    area: 'doctor',
    cause: 'The role does not exist in the account, or IAM shows another one.',
    fix: 'Create it by `lanyard setup role`, or correct lanyard.dev/role-arn.',
  },
  RoleSessionTooShort: {
    area: 'doctor',
    cause: 'The session is to last longer than the role allows.',
    fix: 'Raise MaxSessionDuration of the role, or lower lanyard.dev/session-duration.',
  },
  RoleOther: {
    area: 'doctor',
    cause: 'The credentials are of another role than the pod is meant to have.',
    fix: 'Look at who else sets AWS variables in the pod, and at the role’s chain.',
  },
} as const satisfies Record<string, CodeEntry>
