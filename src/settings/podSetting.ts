import type { Kind } from './kinds/kind.ts'
import type { WebhookKey } from './processSettings.ts'

/** What can be said about a pod by one annotation. */
export type PodSetting<T = unknown> = {
  /** The annotation without its prefix. */
  readonly annotation: string
  readonly kind: Kind<T>
  readonly doc: string
  /** The variable by which the sidecar is told; absent where the sidecar need not know. */
  readonly env?: string
  /** The operator's setting that is the default. */
  readonly operator?: WebhookKey
  /** What holds where neither says anything, for the reference page. */
  readonly otherwise?: string
  /** Where it belongs, if not on the pod. */
  readonly on?: 'namespace'
  /** Part of what one source says as a whole: whether there is injection, and who gets which role. */
  readonly statement?: true
  /** Without a sidecar: it counts as well, or it is about the sidecar alone and does not matter. Else it is denied. */
  readonly direct?: 'counts' | 'moot'
}
