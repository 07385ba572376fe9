import type { CodeEntry } from './entry.ts'

/** A pod that is left as it is. */
export const skipCodes = {
  NotRequested: {
    area: 'skip',
    cause: 'Neither the pod nor, in a labelled namespace, its ServiceAccount or namespace asks for Lanyard.',
    fix: 'Annotate the pod template with lanyard.dev/role-arn, or with lanyard.dev/inject: "true".',
  },
  OptedOut: {
    area: 'skip',
    cause: 'The pod, or who speaks for it, carries lanyard.dev/inject: "false".',
    fix: 'Remove that annotation.',
  },
  MirrorPod: {
    area: 'skip',
    cause: 'The pod mirrors a static pod of a node, which cannot be changed through the API.',
    fix: 'Run it as an ordinary pod.',
  },
  WindowsPod: {
    area: 'skip',
    cause: 'The pod runs Windows, for which there is no sidecar image.',
    fix: 'Let the SDK exchange a projected token by itself.',
  },
  NothingToInject: {
    area: 'skip',
    cause: 'The roles of the ServiceAccount or the namespace fit no container of the pod, which did not ask itself.',
    fix: 'Name a container of the pod in lanyard.dev/containers or lanyard.dev/container-roles, or opt the pod out.',
  },
  NotAPodCreation: {
    area: 'skip',
    cause: 'The review is not about the creation of a pod.',
    fix: "Restore the webhook's rules: CREATE on pods, without subresources.",
  },
} as const satisfies Record<string, CodeEntry>

/** What the API server, or whoever plays it, sends to the webhook. */
export const reviewCodes = {
  ReviewContentType: {
    area: 'review',
    cause: 'The body is not declared as application/json.',
    fix: 'Send Content-Type: application/json without a content encoding.',
  },
  ReviewTooLarge: {
    area: 'review',
    cause: 'The body is larger than the webhook accepts.',
    fix: 'Make the pod smaller, or raise webhook.maxBodyBytes (with the chart: config.webhook.maxBodyBytes).',
  },
  ReviewBusy: {
    area: 'review',
    cause: 'The bodies of the reviews under way take all the memory that there is for them.',
    fix: 'Try again after a second; where it lasts, look who sends so much, or run more replicas of the webhook.',
  },
  ReviewMalformed: {
    area: 'review',
    cause: 'The body is not an AdmissionReview.',
    fix: 'Send one AdmissionReview with a request as JSON.',
  },
  ReviewVersion: {
    area: 'review',
    cause: 'The AdmissionReview is of a version that is not spoken here.',
    fix: 'Set admissionReviewVersions: ["v1"] in the webhook configuration.',
  },
  ReviewMethod: {
    area: 'review',
    cause: 'The path does not answer this method.',
    fix: 'POST an AdmissionReview to /mutate.',
  },
  ReviewPath: {
    area: 'review',
    cause: 'There is nothing at this path.',
    fix: 'POST an AdmissionReview to /mutate.',
  },
} as const satisfies Record<string, CodeEntry>
