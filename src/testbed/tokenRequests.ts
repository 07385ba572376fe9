import { createHash } from 'node:crypto'

/** A token to be issued. */
export type TokenRequest = {
  sub: string
  /** A string stays a string in the token, a list a list. */
  audience: string | string[]
  /** Seconds; negative for a token that has expired already. */
  expiresIn: number
  /** Added to the payload, winning over what is there; `undefined` takes a claim away. */
  claims?: Record<string, unknown>
  /** Added to the protected header, winning over what is there, e.g. a `kid` that is a lie. */
  header?: Record<string, unknown>
  /** Sign with a key that the JWKS does not hold, as a forger would. @default false */
  signWithUnpublishedKey?: boolean
}

/** A service-account token to be issued, as a pod's projected volume asks for one. */
export type ServiceAccountTokenRequest = {
  namespace: string
  serviceAccount: string
  /** The pod that the token is bound to; without one it is bound to the service account alone. */
  pod?: string
  /** The node of the pod. */
  node?: string
  audience: string | string[]
  /** Seconds. */
  expiresIn: number
}

/** The same object has the same uid in every token, without a table of objects. */
function uidOf(...path: string[]): string {
  const hex = createHash('sha256').update(path.join('/')).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/**
 * The claims of a bound token, in the shape kube-apiserver gives them (Kubernetes, "Managing Service Accounts",
 * section "Schema for service account private claims"): `aud` is a list, even of one.
 */
export function toTokenRequest(request: ServiceAccountTokenRequest): TokenRequest {
  const { namespace, serviceAccount, pod, node, audience, expiresIn } = request
  const kubernetes = {
    namespace,
    ...(node === undefined ? {} : { node: { name: node, uid: uidOf('node', node) } }),
    ...(pod === undefined ? {} : { pod: { name: pod, uid: uidOf('pod', namespace, pod) } }),
    serviceaccount: { name: serviceAccount, uid: uidOf('serviceaccount', namespace, serviceAccount) },
  }
  return {
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    audience: [audience].flat(),
    expiresIn,
    claims: { 'kubernetes.io': kubernetes },
  }
}
