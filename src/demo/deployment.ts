/** The one annotation is all that a user writes; the rest is an app as anybody has it, pointed at the demo's STS. */
export const NAMESPACE = 'shop'
export const SERVICE_ACCOUNT = 'web'
export const ROLE = 'web'
export const ACCOUNT = '111122223333'
export const POD = 'web-7d4b9c6f5d-x2x7k'
export const CA_FILE = '/etc/demo/ca.pem'

export type Manifest = Readonly<Record<string, unknown>>

/** A Deployment's pod template, whose app finds STS at `stsUrl` (verified with the authority in a ConfigMap). */
export function deployment(stsUrl: string): { readonly template: Manifest; readonly whole: Manifest } {
  const app = {
    name: 'app',
    image: 'example.com/web:1.4.2',
    command: ['/usr/local/bin/node', '/srv/app.js'],
    env: [
      { name: 'AWS_ENDPOINT_URL_STS', value: stsUrl },
      { name: 'NODE_EXTRA_CA_CERTS', value: CA_FILE },
    ],
    volumeMounts: [{ name: 'demo-ca', mountPath: '/etc/demo', readOnly: true }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  }
  const spec = {
    serviceAccountName: SERVICE_ACCOUNT,
    containers: [app],
    volumes: [{ name: 'demo-ca', configMap: { name: 'demo-ca' } }],
  }
  const metadata = {
    labels: { app: 'web' },
    annotations: { 'lanyard.dev/role-arn': `arn:aws:iam::${ACCOUNT}:role/${ROLE}` },
  }
  const template = { metadata, spec }
  const selector = { matchLabels: { app: 'web' } }
  const whole = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: NAMESPACE },
    spec: { replicas: 1, selector, template },
  }
  return { template, whole }
}

/** The pod that a ReplicaSet makes of the template, as the API server shows it to admission webhooks. */
export function podOf(template: Manifest): Manifest {
  const metadata = { ...(template['metadata'] as object), generateName: 'web-7d4b9c6f5d-', namespace: NAMESPACE }
  return { apiVersion: 'v1', kind: 'Pod', ...template, metadata }
}
