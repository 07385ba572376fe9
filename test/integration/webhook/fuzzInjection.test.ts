import { afterEach, beforeEach, expect, test } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { pod } from '../../unit/webhook/reviews.ts'
import { fuzzWebhook } from './fuzz.ts'

const { values: config, problems } = readConfig('webhook', {
  env: {
    LANYARD_SIDECAR_IMAGE: 'registry.example/lanyard:1',
    LANYARD_TLS_CERT_FILE: '/tls/tls.crt',
    LANYARD_TLS_KEY_FILE: '/tls/tls.key',
    LANYARD_AWS_REGION: 'eu-central-1',
  },
})

/** A pod with everything that injection looks at, so that each of it is mutated. */
const full = pod({
  metadata: {
    name: 'web-0',
    labels: { app: 'web' },
    annotations: {
      'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/app',
      'lanyard.dev/container-roles': 'worker=arn:aws:iam::111122223333:role/worker',
      'lanyard.dev/session-duration': '30m',
    },
  },
  spec: {
    serviceAccountName: 'web',
    terminationGracePeriodSeconds: 30,
    initContainers: [
      { name: 'istio-proxy', restartPolicy: 'Always' },
      { name: 'migrate', image: 'm' },
    ],
    containers: [
      {
        name: 'app',
        image: 'app:1',
        env: [
          { name: 'HTTPS_PROXY', value: 'http://proxy:3128' },
          { name: 'A', valueFrom: { fieldRef: {} } },
        ],
        envFrom: [{ configMapRef: { name: 'c' } }],
        ports: [{ containerPort: 8080 }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
      },
      { name: 'worker', image: 'worker:1' },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    securityContext: { runAsUser: 1000, fsGroup: 1000 },
  },
})

const rejections: unknown[] = []
const remember = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(() => {
  process.off('unhandledRejection', remember)
  expect(rejections).toEqual([])
})

test('10,000 bodies for the real decision: it never throws, and every answer is a valid review or a refusal', async () => {
  expect(problems).toEqual([])
  const result = await fuzzWebhook({
    admit: (object, { namespace }) => admit(object, { namespace, config, version: '1.2.3' }),
    runs: 10_000,
    objects: [pod(), full],
  })
  expect(result).toMatchObject({ errors: 0, connections: 1 })
  expect(result.reviews + result.refusals).toBe(10_000)
  expect(result.reviews).toBeGreaterThan(2_000)
  expect(result.refusals).toBeGreaterThan(500)
}, 60_000)
