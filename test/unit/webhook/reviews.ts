import type { Log, LogFields } from '../../../src/terminal/log.ts'
import type { ReviewResult } from '../../../src/webhook/index.ts'

export const uid = '705ab4f5-6393-11e8-b7cc-42010a800002'

export type Json = Record<string, unknown>

/** A pod as a Deployment's controller creates it. */
export const pod = (changes: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: 'web-5d4f-',
    annotations: { 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/app' },
  },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
  ...changes,
})

/** An AdmissionReview v1 as the API server sends it; `request` replaces fields of its request. */
export const review = (request: Json = {}, envelope: Json = {}): Json => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    requestKind: { group: '', version: 'v1', kind: 'Pod' },
    requestResource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
    object: pod(),
    oldObject: null,
    dryRun: false,
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    ...request,
  },
  ...envelope,
})

export type LoggedLine = { level: string; event: string; fields: LogFields }

/** A log that remembers its lines. */
export function memoryLog(): Log & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = []
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ level, event, fields })
    }
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { ...log, lines }
}

/** Metrics that remember what was counted. */
export function memoryMetrics() {
  const counted: [ReviewResult, string, number][] = []
  const expirations: number[] = []
  return {
    counted,
    expirations,
    admission: (outcome: ReviewResult, reason: string, seconds: number) =>
      void counted.push([outcome, reason, seconds]),
    servingCertificateExpires: (unixSeconds: number) => void expirations.push(unixSeconds),
  }
}
