import { request } from 'node:https'
import { applyPatch, type Operation } from 'rfc6902'
import { Failure } from '../errors/index.ts'
import { type Manifest, NAMESPACE } from './deployment.ts'

type Verdict = {
  readonly allowed: boolean
  readonly patch?: string
  readonly warnings?: readonly string[]
  readonly status?: { readonly message?: string }
}

/** Sends the pod to the webhook as the API server would, and applies its answer with a library that is not Lanyard's. */
export async function admitPod(
  url: string,
  ca: string,
  pod: Manifest,
): Promise<{ pod: Manifest; operations: number; warnings: readonly string[] }> {
  const { response } = await post(`${url}/mutate`, ca, review(pod))
  if (response === undefined || !response.allowed) {
    throw new Failure({
      code: 'DemoFailed',
      message: `the webhook refused the pod: ${response?.status?.message ?? 'it gave no review'}`,
    })
  }
  const operations = JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString('utf8')) as Operation[]
  const patched = structuredClone(pod)
  const errors = applyPatch(patched, operations).filter((error) => error !== null)
  if (errors.length > 0)
    throw new Failure({ code: 'DemoFailed', message: `the patch does not apply: ${errors.join('; ')}` })
  return { pod: patched, operations: operations.length, warnings: response.warnings ?? [] }
}

function review(object: Manifest): Manifest {
  const resource = { group: '', version: 'v1', resource: 'pods' }
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const userInfo = { username: 'system:serviceaccount:kube-system:replicaset-controller' }
  const about = {
    uid: crypto.randomUUID(),
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    namespace: NAMESPACE,
    operation: 'CREATE',
    userInfo,
  }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...about, object, oldObject: null, dryRun: false },
  }
}

function post(url: string, ca: string, body: Manifest): Promise<{ response?: Verdict }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' }
    const sent = request(url, { method: 'POST', ca, headers, timeout: 10_000 }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as { response?: Verdict }))
    })
    sent.on('timeout', () => sent.destroy(new Error('timeout')))
    sent.on('error', (error) =>
      reject(new Failure({ code: 'DemoFailed', message: `the webhook does not answer (${error.message})` })),
    )
    sent.end(JSON.stringify(body))
  })
}
