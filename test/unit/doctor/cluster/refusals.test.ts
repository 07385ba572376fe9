import { describe, expect, test } from 'vitest'
import { explainRefusal, isOwnLack } from '../../../../src/doctor/cluster/refusals.ts'

const REFUSED = { subject: 'deployment/web', namespace: 'shop' }
const WEBHOOK = { namespace: 'system', name: 'my-webhook' }
const CALL =
  'Internal error occurred: failed calling webhook "pods.lanyard.dev": failed to call webhook: Post "https://x/mutate?timeout=10s":'

describe('a call that failed', () => {
  test.each([
    [`${CALL} context deadline exceeded`, 'WebhookUnreachable', undefined],
    [`${CALL} dial tcp 10.0.0.1:443: i/o timeout`, 'WebhookUnreachable', undefined],
    [`${CALL} dial tcp 10.0.0.1:443: connect: connection refused`, 'WebhookDown', /-n lanyard-system get pods/],
    [`${CALL} no endpoints available for service "lanyard-webhook"`, 'WebhookDown', /get pods/],
    [
      `${CALL} service "lanyard-webhook" not found`,
      'WebhookDown',
      /delete mutatingwebhookconfiguration lanyard-webhook/,
    ],
    [
      `${CALL} tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      'WebhookAuthorityWrong',
      undefined,
    ],
    [
      `${CALL} x509: certificate has expired or is not yet valid`,
      'WebhookAuthorityWrong',
      /clocks.*rollout restart deployment\/lanyard-webhook/,
    ],
    [
      `${CALL} x509: certificate is valid for a, not b`,
      'WebhookAuthorityWrong',
      /DNS name lanyard-webhook\.lanyard-system\.svc/,
    ],
  ])('%s', (words, code, fix) => {
    const [finding, ...others] = explainRefusal(words, REFUSED)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ verdict: 'fail', code, subject: 'deployment/web' })
    if (fix === undefined) expect(finding).not.toHaveProperty('fix')
    else expect(finding?.fix).toMatch(fix)
  })

  test.each([
    [`${CALL} connection refused`, /-n system get pods/],
    [`${CALL} service "x" not found`, /mutatingwebhookconfiguration my-webhook/],
    [`${CALL} x509: certificate has expired`, /-n system rollout restart deployment\/my-webhook/],
    [`${CALL} x509: certificate is valid for a, not b`, /my-webhook\.system\.svc/],
  ])('%s, where the webhook is called otherwise', (words, fix) => {
    expect(explainRefusal(words, { ...REFUSED, webhook: WEBHOOK })[0]?.fix).toMatch(fix)
  })
})

describe('a refusal', () => {
  test.each([
    [
      'pods "w" is forbidden: exceeded quota: small, requested: requests.memory=128Mi, used: requests.memory=0, limited: requests.memory=100Mi',
      'QuotaExceeded',
      /Raise ResourceQuota small of namespace shop/,
    ],
    [
      'pods "w" is forbidden: failed quota: small: must specify limits.cpu for: app',
      'QuotaExceeded',
      /asks for: limits\.cpu for: app/,
    ],
    [
      'insufficient quota to match these scopes: [{PriorityClass In [x]}]',
      'QuotaExceeded',
      /priority class in its scope/,
    ],
    [
      'pods "w" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi',
      'QuotaExceeded',
      /LimitRange of namespace shop/,
    ],
    [
      'pods "w" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 200',
      'QuotaExceeded',
      /LimitRange/,
    ],
    [
      'pods "w" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      'PodRefused',
      /which is restricted:latest/,
    ],
    [
      "ValidatingAdmissionPolicy 'lanyard-guard-pods' with binding 'x' denied request: no",
      'PodRefused',
      /lanyard-guard-pods is Lanyard's guard/,
    ],
    ["ValidatingAdmissionPolicy 'theirs' with binding 'x' denied request: no", 'PodRefused', /the policy theirs/],
    [
      'failed calling webhook "their.example.com": x509: no',
      'PodRefused',
      /webhook their\.example\.com: it is not Lanyard's/,
    ],
    [
      'admission webhook "their.example.com" denied the request: RoleMissing: no',
      'PodRefused',
      /webhook their\.example\.com, which is not/,
    ],
    [
      'error looking up service account shop/payments: serviceaccount "payments" not found',
      'PodRefused',
      /create serviceaccount payments/,
    ],
    ['unable to create new content in namespace shop because it is being terminated', 'PodRefused', /being deleted/],
    ['no PriorityClass with name high was found', 'PodRefused', /there is no high/],
    ['something else', 'PodRefused', undefined],
  ])('%s', (words, code, fix) => {
    const [finding, ...others] = explainRefusal(words, REFUSED)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ verdict: 'fail', code, subject: 'deployment/web' })
    if (fix === undefined) expect(finding).not.toHaveProperty('fix')
    else expect(finding?.fix).toMatch(fix)
  })

  test('of ours is told problem by problem', () => {
    const words =
      'admission webhook "pods.lanyard.dev" denied the request: RoleMissing: no role. Add one.\nPortTaken: spec.containers[0].ports[0].containerPort: the sidecar needs 9797. Choose another with lanyard.dev/credentials-port or lanyard.dev/metrics-port.'
    expect(explainRefusal(words, REFUSED)).toEqual([
      { verdict: 'fail', code: 'RoleMissing', subject: 'deployment/web', message: 'no role. Add one' },
      {
        verdict: 'fail',
        code: 'PortTaken',
        subject: 'deployment/web',
        message: 'spec.containers[0].ports[0].containerPort: the sidecar needs 9797',
      },
    ])
  })

  test('by the policy that injects is ours as well', () => {
    const words =
      'pods "w" is forbidden: ValidatingAdmissionPolicy \'lanyard-injection\' denied request: Lanyard cannot inject this pod: AnnotationUnknown: lanyard.dev/x: no; or so; PortTaken: container app: no'
    expect(explainRefusal(words, REFUSED)).toMatchObject([
      { code: 'AnnotationUnknown', message: 'lanyard.dev/x: no; or so' },
      { code: 'PortTaken', message: 'container app: no' },
    ])
  })

  test('of ours without a code that is known is told in its words', () => {
    expect(explainRefusal('admission webhook "pods.lanyard.dev" denied the request: hm', REFUSED)).toMatchObject([
      { code: 'PodRefused' },
    ])
  })

  test('shows no token that it quotes', () => {
    const words = `no: eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}\u0007`
    const [finding] = explainRefusal(words, REFUSED)
    expect(finding?.message).toBe('no: [redacted]')
  })
})

test('the lack of the right to make pods is not the pod’s', () => {
  expect(
    isOwnLack('pods is forbidden: User "eve" cannot create resource "pods" in API group "" in the namespace "shop"'),
  ).toBe(true)
  expect(isOwnLack('pods "w" is forbidden: exceeded quota: small')).toBe(false)
})
