import { brokerMetrics, type MetricsText, webhookMetrics } from '../../src/metrics/index.ts'

/** A process that is no sidecar: `live` lets ten seconds of it pass. */
export type RecordedProcess = {
  readonly target: Readonly<Record<string, string>>
  readonly live: (now: number) => void
  readonly text: () => Promise<MetricsText>
}

const DAY = 86_400

/**
 * A replica of the webhook; all instants are Unix seconds. In the trouble it loses a watch and is slow, and somebody has put
 * its certificates aside for old ones.
 */
export function recordWebhook(replica: number, began: number, inTrouble: (now: number) => boolean): RecordedProcess {
  const metrics = webhookMetrics({ version: '0.1.0' })
  const old = began + DAY / 8
  const live = (now: number): void => {
    const bad = inTrouble(now)
    metrics.servingCertificateExpires(bad ? old : began + DAY)
    metrics.caExpires(bad ? old : began + 365 * DAY)
    metrics.admission('inject', 'Patched', bad ? 0.8 : 0.003)
    metrics.admission('skip', 'OptedOut', 0.001)
    if (bad) {
      metrics.admission('deny', 'AnnotationUnknown', 0.002)
      metrics.admission('refuse', 'ReviewTooLarge', 0.002)
      metrics.admission('error', 'Internal', 0.002)
    }
    metrics.watchSynced('secrets', now)
    if (!bad) metrics.watchSynced('mutatingwebhookconfigurations', now)
  }
  const pod = `lanyard-webhook-${replica}`
  const target = { job: 'lanyard-webhook', namespace: 'lanyard-system', pod, instance: `10.0.1.${replica}:9798` }
  return { target, live, text: metrics.text }
}

/** A broker: in the trouble STS refuses one in two of its users, and somebody sends it forged tokens. */
export function recordBroker(
  target: Readonly<Record<string, string>>,
  inTrouble: (now: number) => boolean,
): RecordedProcess {
  let entries = 0
  const metrics = brokerMetrics({ version: '0.1.0', providers: ['google'], roles: ['files'], entries: () => entries })
  const live = (now: number): void => {
    entries = Math.min(entries + 1, 100)
    metrics.stsRequest('AssumeRoleWithWebIdentity', 0.06)
    const told = (code: string): void => metrics.userRequest({ provider: 'google', role: 'files', code })
    told('Success')
    if (!inTrouble(now)) return
    told('StsAccessDenied')
    told('UserTokenForged')
  }
  return { target, live, text: metrics.text }
}

/**
 * What others say, by hand: Prometheus of a target, kube-state-metrics, and the API server, of which one call in a minute of
 * the trouble has failed.
 */
export function recordForeign(failed: number, bad: boolean): string {
  return [
    `kube_deployment_spec_replicas{deployment="lanyard-webhook",namespace="lanyard-system"} 2`,
    `kube_deployment_status_replicas_available{deployment="lanyard-webhook",namespace="lanyard-system"} ${bad ? 1 : 2}`,
    `up{job="lanyard-webhook",namespace="lanyard-system",pod="lanyard-webhook-1"} ${bad ? 0 : 1}`,
    `apiserver_admission_webhook_rejection_count{name="pods.lanyard.dev",type="admit",operation="CREATE",error_type="calling_webhook_error",rejection_code="0"} ${failed}`,
  ].join('\n')
}
