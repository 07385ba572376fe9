import type { Failure, Problem } from '../errors/index.ts'
import type { Outbound } from '../federation/index.ts'
import type { AdmissionOutcome } from '../injection/index.ts'
import type { Container } from '../injection/types.ts'
import type { JsonObject } from '../json/index.ts'
import type { Ground as Deciding } from '../webhook/index.ts'

/** Where something is in the API: its path with its query, and what messages call it (`Pod shop/web`). */
export type Place = { readonly path: string; readonly title: string }

/**
 * The cluster, by the caller's own rights; the commands wire the room `kubernetes` to it. Rejects with a Failure of the area
 * `cluster`, ClusterForbidden where the caller may not.
 */
export type ClusterPort = {
  /** Undefined where it is not there. */
  readonly get: (place: Place) => Promise<JsonObject | undefined>
  readonly list: (place: Place) => Promise<readonly JsonObject[]>
  readonly text: (place: Place) => Promise<string>
  /** For what is not kept: reviews, requests for a token, dry runs. A refusal is an answer too. */
  readonly create: (
    place: Place,
    object: JsonObject,
  ) => Promise<{ readonly status: number; readonly value: JsonObject }>
}

export const WORKLOAD_KINDS = ['deployment', 'statefulset', 'daemonset', 'replicaset', 'job', 'cronjob'] as const
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number]
export type TargetKind = 'installation' | 'namespace' | 'serviceaccount' | 'pod' | WorkloadKind

/** What the doctor is asked about. */
export type Target = {
  readonly kind: TargetKind
  /** '' for an installation. */
  readonly name: string
  /** Undefined for an installation and all that asks for it, wherever it is. */
  readonly namespace: string | undefined
}

/** A pod that is looked at: one that is there, or the one that a workload or an account would make. */
export type Subject = {
  /** As messages name it: `pod/web`, `deployment/web`, with `-n NAMESPACE` where the target does not say it. */
  readonly title: string
  readonly namespace: string
  /** As the API has it, with `metadata` and `spec`; of a template, with the ServiceAccount that it would get. */
  readonly pod: JsonObject
  /** Whether it is there; a template's pod is not. */
  readonly isLive: boolean
  /** What to run so that it is made anew with what holds now: `kubectl -n shop rollout restart deployment/web`. */
  readonly renew: string
}

/** How Lanyard is there, as the API server sees it. */
export type Installation = {
  /** The MutatingAdmissionPolicy does what the webhook does, where the chart's `injector` is `policy`. */
  readonly injector: 'webhook' | 'policy'
  /** Where the webhook runs. */
  readonly namespace: string
  /** Of its Service, Deployment, ConfigMap: `lanyard-webhook`. */
  readonly name: string
  /** The MutatingWebhookConfiguration or the MutatingAdmissionPolicy. */
  readonly object: JsonObject
}

/** What decisions depend on, and of which version it is. */
export type Deployed = Deciding

/** An attempt to get credentials that failed, as the sidecar's log has it, its termination message or its metrics. */
export type SidecarFailure = {
  readonly session: string
  readonly problem: Problem
  /** Epoch milliseconds; undefined where only the termination message or the metrics say it. */
  readonly at: number | undefined
}

/** A sample of the metrics: a name, its labels and its value. */
export type MetricSample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What the sidecar of a pod says of itself. */
export type SidecarStory = {
  /** By session, those whose last attempt failed; the newest first. */
  readonly failing: readonly SidecarFailure[]
  /** Undefined where they cannot be read: then `unread` says why. */
  readonly samples: readonly MetricSample[] | undefined
  /** Why something could not be read, by what it is: the log, the metrics. */
  readonly unread: readonly { readonly what: 'log' | 'metrics'; readonly failure: Failure }[]
}

/** What the API server itself publishes of its issuer, as text. */
export type IssuerDocuments = { readonly discovery: string; readonly keys: string }

/** What all checks go by. Each question is asked of the cluster once, when it is first needed; each may reject as the port does. */
export type Ground = {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The doctor's own. */
  readonly version: string
  readonly target: Target
  readonly isDryRunAllowed: boolean
  /** As it is asked already, once for each place. */
  readonly cluster: ClusterPort
  /** Undefined where there is none. */
  readonly installation: () => Promise<Installation | undefined>
  /** Undefined without a webhook; rejects with SettingInvalid and the like too, where it is wrong. */
  readonly configuration: () => Promise<Deployed | undefined>
  /** The object that is named; undefined where it is not there. */
  readonly named: () => Promise<JsonObject | undefined>
  /** Those that ask for Lanyard or were named, the most troubled first. */
  readonly subjects: () => Promise<readonly Subject[]>
  /** The one that is looked at in depth: the most troubled that can tell of it. Undefined where no pod asks for Lanyard. */
  readonly focus: () => Promise<Subject | undefined>
  readonly namespaceOf: (subject: Subject) => Promise<JsonObject | undefined>
  readonly serviceAccountOf: (subject: Subject) => Promise<JsonObject | undefined>
  /** By the webhook's own code; undefined without a configuration to decide by. */
  readonly decision: (subject: Subject) => Promise<AdmissionOutcome | undefined>
  /** The container `lanyard` as it runs, else as it would be made; undefined where there is none and would be none. */
  readonly sidecar: (subject: Subject) => Promise<Container | undefined>
  /** Of a pod that is there and has a sidecar. Rejects with nothing of what it cannot read. */
  readonly story: (subject: Subject) => Promise<SidecarStory>
  readonly issuerDocuments: () => Promise<IssuerDocuments>
  /** By the machine that the doctor runs on, to what is public. */
  readonly fetchPublic: Outbound
}
