/** Amazon's webhook beside Lanyard: a stand-in of it in the cluster, as its own manifests have it. */
import { readFileSync } from 'node:fs'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { EKS_WEBHOOK } from './eksWebhook.ts'
import { apply, rolledOut, tryKubectl } from './kubectl.ts'
import { told } from './settings.ts'
import { namespace } from './sts.ts'
import { dropNamespace } from './workloads.ts'

/** The name that EKS gives its own; configurations are called in the order of their names. */
export const EKS_CONFIGURATION = 'pod-identity-webhook'
/** Pods with that label are not shown to it. */
export const EKS_SKIP = 'eks.amazonaws.com/skip-pod-identity-webhook'

const WHERE = 'e2e-eks-webhook'
const NAME = 'pod-identity-webhook'

/** Deploys it for the namespaces of a test; `associations` are NAMESPACE/SERVICEACCOUNT of EKS Pod Identity. */
export async function deployEks(namespaces: readonly string[], associations: readonly string[]): Promise<void> {
  await removeEks()
  await tryKubectl(['wait', `namespace/${WHERE}`, '--for=delete', '--timeout=90s'])
  const ca = await createCertificateAuthority({ name: 'eks', now: Date.now })
  const files = await ca.issue([`${NAME}.${WHERE}.svc`])
  await apply([namespace(WHERE), ...rights(), secret(files), service(), deployment(associations)])
  await rolledOut(`deployment/${NAME}`, WHERE)
  await apply([configuration(namespaces, ca.pem)])
}

/** As whoever takes it away: its configuration first, so that nobody calls what is not there. */
export async function removeEks(): Promise<void> {
  await tryKubectl(['delete', 'mutatingwebhookconfiguration', EKS_CONFIGURATION, '--ignore-not-found'])
  await tryKubectl(['delete', 'clusterrole,clusterrolebinding', `e2e-${NAME}`, '--ignore-not-found'])
  await dropNamespace(WHERE)
}

const metadata = { name: NAME, namespace: WHERE }

function rights(): readonly object[] {
  const name = `e2e-${NAME}`
  const group = 'rbac.authorization.k8s.io'
  return [
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] }],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: WHERE }],
    },
  ]
}

const secret = ({ cert, key }: { readonly cert: string; readonly key: string }): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  stringData: {
    'tls.crt': cert,
    'tls.key': key,
    'webhook.ts': readFileSync(new URL('./eksWebhook.ts', import.meta.url), 'utf8'),
  },
})

const service = (): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { selector: { app: NAME }, ports: [{ port: 443, targetPort: EKS_WEBHOOK.port }] },
})

function deployment(associations: readonly string[]): object {
  const container = {
    name: NAME,
    image: told().images.testbed,
    imagePullPolicy: 'IfNotPresent',
    command: ['/nodejs/bin/node', `${EKS_WEBHOOK.files}/webhook.ts`],
    env: [{ name: 'ASSOCIATIONS', value: JSON.stringify(associations) }],
    readinessProbe: { httpGet: { path: '/', port: EKS_WEBHOOK.port, scheme: 'HTTPS' }, periodSeconds: 1 },
    volumeMounts: [{ name: 'files', mountPath: EKS_WEBHOOK.files, readOnly: true }],
  }
  const spec = { containers: [container], volumes: [{ name: 'files', secret: { secretName: NAME } }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: { matchLabels: { app: NAME } }, template: { metadata: { labels: { app: NAME } }, spec } },
  }
}

/** As the published one, but for the namespaces: the cluster has others. */
const configuration = (namespaces: readonly string[], ca: string): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: EKS_CONFIGURATION },
  webhooks: [
    {
      name: 'pod-identity-webhook.amazonaws.com',
      failurePolicy: 'Ignore',
      clientConfig: {
        service: { name: NAME, namespace: WHERE, path: '/mutate' },
        caBundle: Buffer.from(ca).toString('base64'),
      },
      objectSelector: { matchExpressions: [{ key: EKS_SKIP, operator: 'DoesNotExist' }] },
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }],
      },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
})
