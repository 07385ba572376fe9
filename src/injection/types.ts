import type { Problem, SkipReason } from '../errors/index.ts'
import type { ConfigOf, IdentityProviderKind } from '../settings/index.ts'

/** RFC 6902, the three operations that are needed. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** What the webhook answers with. */
export type AdmissionOutcome =
  | {
      readonly kind: 'inject'
      readonly patch: readonly JsonPatchOperation[]
      readonly warnings: readonly string[]
      readonly audit: Readonly<Record<string, string>>
    }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | { readonly kind: 'deny'; readonly problems: readonly Problem[]; readonly warnings: readonly string[] }

export type Annotations = Readonly<Record<string, string>>

/** What is said about a pod beside the pod itself, least specific last. */
export type Sources = {
  readonly serviceAccount: { readonly name: string; readonly annotations: Annotations }
  /** Of the namespace's annotations. */
  readonly namespace: Annotations
}

/** All that a decision depends on beside the pod. */
export type InjectionContext = {
  /** From the admission request: the pod itself may not say. */
  readonly namespace: string
  /** Absent where the operator does not have them read. */
  readonly sources?: Sources
  readonly config: ConfigOf<'webhook'>
  /** PEM authorities of the STS endpoint, where the operator set them. */
  readonly stsCa?: string
  readonly version: string
}

export type Resources = {
  readonly requests?: Readonly<Record<string, string | number>> | null
  readonly limits?: Readonly<Record<string, string | number>> | null
}

/** The fields of a pod that are looked at (core/v1). Everything else is left as it is, known or not. */
export type EnvVar = { readonly name: string; readonly value?: string | null; readonly valueFrom?: unknown }
export type VolumeMount = {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  readonly readOnly?: boolean
}
export type Container = {
  readonly name: string
  readonly image?: string
  readonly imagePullPolicy?: string
  readonly restartPolicy?: string
  readonly securityContext?: SecurityContext | null
  readonly env?: readonly EnvVar[] | null
  readonly envFrom?: readonly unknown[] | null
  readonly volumeMounts?: readonly VolumeMount[] | null
  readonly ports?: readonly { readonly containerPort?: number; readonly protocol?: string | null }[] | null
  readonly resources?: Resources | null
}
export type SecurityContext = {
  readonly runAsUser?: number | null
  readonly runAsNonRoot?: boolean | null
  readonly privileged?: boolean | null
  readonly capabilities?: { readonly add?: readonly string[] | null; readonly drop?: readonly string[] | null } | null
}
export type Volume = { readonly name: string; readonly [source: string]: unknown }
export type PodSpec = {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[] | null
  readonly volumes?: readonly Volume[] | null
  readonly hostNetwork?: boolean | null
  readonly hostPID?: boolean | null
  readonly shareProcessNamespace?: boolean | null
  readonly securityContext?: Pick<SecurityContext, 'runAsUser' | 'runAsNonRoot'> | null
  readonly nodeSelector?: Readonly<Record<string, string>> | null
  readonly os?: { readonly name?: string } | null
  readonly resources?: Resources | null
  readonly terminationGracePeriodSeconds?: number | null
}
export type Pod = {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | null }
  readonly spec: PodSpec
}

/** A container that gets credentials, and whose. */
export type Target = {
  readonly container: string
  readonly roleArn: string
  /** Whether the role was chosen for this container alone. */
  readonly own: boolean
}

/** How credentials reach the app: it asks the sidecar, in one of its protocols, or STS itself. */
export type Delivery = 'container' | 'imds' | 'direct'

/** Keys of a Secret or ConfigMap in the pod's namespace. */
export type MountedKey = { readonly name: string; readonly keys: readonly string[] }

/** Where the pod's identity comes from, if not from its service account alone. */
export type ChosenProvider = {
  readonly name: string
  readonly kind: IdentityProviderKind
  /** What the sidecar is told, as JSON. */
  readonly text: string
  /** The audience of the projected token that it is shown; absent where it wants none. */
  readonly tokenAudience?: string
  /** The longest that such a token may live, in seconds. */
  readonly tokenExpiration?: number
  readonly secret?: MountedKey
  readonly authorities?: MountedKey
  /** The volume of the pod that the identity is written to, and the init container that writes it. */
  readonly written?: { readonly volume: string; readonly writer: string }
}

/** The roles after the first, in order. */
export type Chain = {
  readonly roles: readonly string[]
  readonly externalId?: string
  readonly tags?: ReadonlyMap<string, string>
  readonly sourceIdentity?: string
}

/** What the broker is told, its records as JSON. */
export type UserCredentials = {
  readonly port: number
  readonly metricsPort: number
  readonly providers: string
  readonly roles: string
}

/** What the pod asked for, with the operator's defaults filled in. Durations in seconds. */
export type InjectionSettings = {
  readonly delivery: Delivery
  readonly audience: string
  readonly tokenExpiration: number
  readonly sessionDuration: number
  readonly sessionName: string
  readonly sessionPolicy?: string
  readonly sessionPolicyArns?: readonly string[]
  readonly provider?: ChosenProvider
  readonly chain?: Chain
  readonly user?: UserCredentials
  /** Absent: nobody said; STS is then asked at its global endpoint, and the app is told nothing. */
  readonly region?: string
  readonly stsEndpoint?: string
  readonly credentialsPort: number
  readonly metricsPort: number
  readonly resources: {
    readonly requests: Readonly<Record<Compute, string>>
    readonly limits: Readonly<Record<Compute, string>>
  }
}
export type Compute = 'cpu' | 'memory'

/** What EKS's annotations ask for; the expiration in seconds. */
export type Eks = {
  readonly roleArn: string
  readonly audience: string
  readonly region: string | undefined
  readonly tokenExpiration: number
  readonly regional: boolean
  readonly skipped: ReadonlySet<string>
}

/** The variables of a container with credentials. */
export type WantedEnv = {
  /** Ours alone: rebuilt on every pass. */
  readonly reserved: readonly EnvVar[]
  /** Only where the container says nothing of the kind. */
  readonly additions: (has: (name: string) => boolean) => readonly EnvVar[]
  /** Decides what is left of another one, and whether something on loopback is asked, which no proxy must be. */
  readonly delivery: Delivery
}

/** What a container with credentials is to have; IMDS needs no file. */
export type Grant = { readonly env: WantedEnv; readonly mounts: readonly VolumeMount[] }

/** How the pod is to be, in its parts: `toPatch` writes them. */
export type Plan = {
  /** The ARN of the role that each container gets, by its name. */
  readonly roles: Readonly<Record<string, string>>
  /** By the container's name. */
  readonly grants: ReadonlyMap<string, Grant>
  /** The whole containers, every default written out, so that what the API server makes of them is equal; none in direct mode. */
  readonly sidecars: readonly Container[]
  /** The index of the first among the pod's other init containers. */
  readonly position: number
  readonly volumes: readonly Volume[]
  /** `spec.resources` raised by the sidecar's share, where the pod has them. */
  readonly podResources?: Resources
  /** Whether a sidecar of that name that is there keeps its resources, which LimitRanges and autoscalers change. */
  readonly keepsResources: (name: string) => boolean
  /** Images that a registry rewriter may have put in the sidecar's place. */
  readonly acceptedImages: readonly string[]
  readonly status: string
}

export type Decision =
  | { readonly kind: 'inject'; readonly plan: Plan; readonly warnings: readonly string[] }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | { readonly kind: 'deny'; readonly problems: readonly Problem[]; readonly warnings: readonly string[] }
