/** The reviews that are asked: pods as an API server sends them, defaulted and with their managed fields. */
import { NAMESPACE } from './standIn.ts'

/** The sizes of the bodies, in bytes, and how many containers share them. */
export const SIZES = [
  { name: '4kB', bytes: 4_000, containers: 1 },
  { name: '100kB', bytes: 100_000, containers: 4 },
  { name: '1MB', bytes: 1_000_000, containers: 10 },
] as const

type Wanted = {
  /** Of the body, as near as whole variables come to it. */
  readonly bytes: number
  readonly containers: number
  readonly serviceAccount: string
  readonly namespace?: string
  /** What asks for the role; else the pod says it itself. */
  readonly annotations?: Readonly<Record<string, string>>
}

const BY_ITSELF = { 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web' }

type Variable = { readonly name: string; readonly value: string }

/** The body of a review of a pod that asks for a role. */
export function reviewBody(wanted: Wanted): string {
  const { bytes, containers, serviceAccount, namespace = NAMESPACE, annotations = BY_ITSELF } = wanted
  const bodyOf = (variables: number): string =>
    JSON.stringify(reviewOf(podOf({ variables, containers, serviceAccount, namespace, annotations }), namespace))
  const empty = bodyOf(0).length
  const each = (bodyOf(1_000).length - empty) / 1_000
  return bodyOf(Math.max(0, Math.round((bytes - empty) / each)))
}

/** The request of it, head and body, for a connection that stays open. */
export function requestOf(body: string): string {
  const head = [
    'POST /mutate?timeout=5s HTTP/1.1',
    'Host: lanyard-webhook.lanyard.svc:443',
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

const reviewOf = (object: object, namespace: string): object => {
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const resource = { group: '', version: 'v1', resource: 'pods' }
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '0d4d60cb-a3c2-4a8b-9d5e-4f0f5a5f7c11',
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '5b7d3b8e-27a4-4b4c-8f1e-21d62b1c5f3e',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  }
}

type Pod = {
  readonly variables: number
  readonly containers: number
  readonly serviceAccount: string
  readonly namespace: string
  readonly annotations: Readonly<Record<string, string>>
}

function podOf({ variables, containers, serviceAccount, namespace, annotations }: Pod): object {
  const perContainer = Array.from({ length: containers }, (_, at) =>
    variablesFrom(Math.floor((variables * at) / containers), Math.floor((variables * (at + 1)) / containers)),
  )
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: 'web-6d4b75cb6d-',
      namespace,
      creationTimestamp: null,
      labels: { app: 'web', 'pod-template-hash': '6d4b75cb6d' },
      annotations,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-6d4b75cb6d', controller: true }],
      managedFields: [
        { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' },
      ],
    },
    spec: {
      volumes: [tokenVolume],
      containers: perContainer.map(containerOf),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: serviceAccount,
      serviceAccount,
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((what) => ({
        key: `node.kubernetes.io/${what}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {},
  }
}

const tokenVolume = {
  name: 'kube-api-access-x2x7l',
  projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }], defaultMode: 420 },
}

const containerOf = (env: readonly Variable[], at: number): object => ({
  name: at === 0 ? 'app' : `app-${at}`,
  image: 'registry.example/team/app:1.2.3',
  ports: [{ containerPort: 8080 + at, protocol: 'TCP' }],
  env,
  resources: { requests: { cpu: '100m', memory: '128Mi' } },
  volumeMounts: [
    { name: tokenVolume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ],
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
})

const variablesFrom = (from: number, to: number): readonly Variable[] =>
  Array.from({ length: to - from }, (_, index) => ({
    name: `SETTING_NUMBER_${from + index}`,
    value: `https://service-${from + index}.internal.example/api/v1?with=a&value=of&some=length`,
  }))
