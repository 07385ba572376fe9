import type { CodeEntry } from './entry.ts'

/** What Lanyard meets at the Kubernetes API server. */
export const clusterCodes = {
  ClusterUnreachable: {
    area: 'cluster',
    cause: 'The Kubernetes API server does not answer, or answers that it cannot now.',
    fix: 'Lanyard tries again by itself; if it lasts, look at the API server and at network policies.',
    retry: 'backoff',
  },
  ClusterForbidden: {
    area: 'cluster',
    cause: 'The API server refuses what Lanyard asks: its rights were taken away, or never given.',
    fix: 'Restore the Role and ClusterRole of the chart (helm upgrade does), or take the policy away that denies it.',
    retry: 'slow',
  },
  ClusterObjectMissing: {
    area: 'cluster',
    cause: 'An object that the chart creates is not there.',
    fix: 'Run helm upgrade, which creates it again.',
    retry: 'slow',
  },
  ClusterAnswerInvalid: {
    area: 'cluster',
    cause: 'The API server answered something else than Lanyard can read.',
    fix: 'Look at what stands between Lanyard and the API server; its version must be 1.30 or later.',
    retry: 'backoff',
  },
  ClusterConflict: {
    area: 'cluster',
    cause: 'Others changed an object again and again while Lanyard wanted to write it.',
    fix: 'Lanyard tries again by itself; if it lasts, find out who else writes to the object.',
    retry: 'backoff',
  },
  ClusterConfigurationMissing: {
    area: 'process',
    cause: 'Lanyard runs neither in a pod with an API token nor with a kubeconfig.',
    fix: 'Set KUBECONFIG, or give --kubeconfig and --context; in a pod, run it by the chart.',
  },
  AuthorityCorrupt: {
    area: 'cluster',
    cause: 'The Secret of the certificate authority holds something that is no certificate with its key.',
    fix: 'Nothing: Lanyard makes a new authority in its place. Find out who else writes to the Secret.',
    retry: 'backoff',
  },
} as const satisfies Record<string, CodeEntry>
