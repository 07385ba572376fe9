import type { RunbookEntry } from './alertsRunbook.ts'
import { certificates } from './alertsRunbookCertificates.ts'
import { byCode, doctorOfInstallation, webhookLog, webhookPods } from './alertsRunbookSteps.ts'

/** Of the webhook. */
export const webhook: Readonly<Record<string, RunbookEntry>> = {
  LanyardWebhookDown: {
    meaning: 'Prometheus has scraped no replica of the webhook for 5 minutes.',
    impact:
      'While it is down, pods that ask for credentials are refused (`failurePolicy: Fail`) and come up by themselves later: their controllers try again. All others, and pods that run, are not touched.',
    diagnosis: [
      webhookPods,
      doctorOfInstallation,
      'Where they are not ready, read their events: `kubectl -n lanyard-system describe pods -l app.kubernetes.io/component=webhook`.',
      'Where they are ready, Prometheus does not see them: is `monitoring.serviceMonitor.enabled` on, and may Prometheus reach port 9798?',
    ],
    mitigation: [
      'Scaled to nothing: `kubectl -n lanyard-system scale deployment/lanyard-webhook --replicas=2`.',
      'After an upgrade that went wrong: `helm -n lanyard-system rollback lanyard`.',
      'If the cluster must go on at once without Lanyard, delete its MutatingWebhookConfiguration: `kubectl delete mutatingwebhookconfiguration lanyard-webhook`. Annotated pods then start without credentials. [`helm upgrade`](../operators/upgrade.md#upgrading) brings it back.',
    ],
  },
  LanyardWebhookReplicasMissing: {
    meaning: 'Replicas of the webhook have not been available for 15 minutes.',
    impact: 'Those that are left answer; the next disruption can leave none, and then annotated pods are refused.',
    which: 'up{job="lanyard-webhook"} == 0',
    diagnosis: [
      webhookPods,
      'Not scheduled, image not pulled, or not ready? `kubectl -n lanyard-system describe pods -l app.kubernetes.io/component=webhook`.',
      webhookLog,
    ],
    mitigation: [
      'Not scheduled: more nodes, or weaker `affinity` and `topologySpreadConstraints`.',
      `Not ready: its log names the code. ${byCode}`,
    ],
  },
  LanyardWebhookCallsFailing: {
    meaning:
      'The API server gets no answer from the webhook, or does not trust it, and it is no moment: calls have failed before the last 5 minutes and in them.',
    impact: 'Annotated pods are refused. What the webhook says of itself can look well meanwhile.',
    which:
      'sum by (name, error_type) (increase(apiserver_admission_webhook_rejection_count{name=~"(pods|defaults)[.]lanyard[.]dev", error_type=~"calling_webhook_error|apiserver_internal_error"}[15m])) > 0',
    diagnosis: [
      doctorOfInstallation,
      'Read the message: `kubectl get events -A --field-selector reason=FailedCreate`. A timeout is the network, `x509` the certificate.',
      'Compare `caBundle` in `kubectl get mutatingwebhookconfiguration lanyard-webhook -o yaml` with the CA Secret.',
    ],
    mitigation: [
      'Network: the control plane must reach the pods on port 10250 (firewalls of private clusters; CNIs whose pods the control plane cannot reach need `hostNetwork`): [network](../operators/network.md).',
      'Certificate: with the built-in authority the webhook mends `caBundle` by itself; look why it may not, in its log. Who renders `caBundle` by GitOps takes it away again and again.',
    ],
  },
  LanyardAdmissionErrors: {
    meaning: 'A defect of Lanyard: a review ended in an exception.',
    impact: 'The pod of that review was refused; its controller tries again.',
    which: 'sum by (namespace, pod) (increase(lanyard_admission_requests_total{outcome="error"}[15m])) > 0',
    diagnosis: [webhookLog, 'Which pods was it? `kubectl get events -A --field-selector reason=FailedCreate`.'],
    mitigation: [
      'Report it with the lines of that moment; they hold no secret.',
      'Where it began with an upgrade: `helm -n lanyard-system rollback lanyard`.',
    ],
  },
  LanyardAdmissionRefusals: {
    meaning: 'Requests come that the webhook cannot judge, more than five in a quarter of an hour, and still.',
    impact:
      '`ReviewTooLarge` and `ReviewBusy` cost pods; the others mostly come from something that is not the API server.',
    which: 'sum by (pod, reason) (increase(lanyard_admission_requests_total{outcome="refuse"}[15m])) > 0',
    diagnosis: [`The \`reason\` of the alert is the code. ${byCode}`, webhookLog],
    mitigation: [
      '`ReviewTooLarge`: raise `config.webhook.maxBodyBytes`. `ReviewBusy`: more replicas, or more memory.',
      'For the others find out who sends them: a scanner, a health check with the wrong path.',
    ],
  },
  LanyardAdmissionSlow: {
    meaning:
      'One in a hundred reviews of the last half hour took half a second or longer, and the last 5 minutes were no better.',
    impact: 'The creation of annotated pods takes longer; from 5 s on (`timeoutSeconds`) it fails.',
    which: 'histogram_quantile(0.99, sum by (pod, le) (rate(lanyard_admission_duration_seconds_bucket[10m])))',
    diagnosis: [
      'The query below says whether it is one replica or all.',
      'Has it the CPU that it needs? `kubectl -n lanyard-system top pods -l app.kubernetes.io/component=webhook`: a limit that throttles it, a node that is full.',
    ],
    mitigation: [
      'Raise the limit of CPU of the webhook.',
      'Add replicas, or turn `autoscaling` on: [sizing](../operators/sizing.md).',
    ],
  },
  LanyardAdmissionDenials: {
    meaning:
      'The webhook does what it should: more than ten pods in half an hour were denied for the same reason. One ReplicaSet is enough: its controller tries again and again.',
    impact: 'Somebody’s pods do not start.',
    which: 'sum by (reason) (increase(lanyard_admission_requests_total{outcome="deny"}[30m])) > 0',
    diagnosis: [
      'Find them: `kubectl get events -A --field-selector reason=FailedCreate`; the message names the pod’s problem and what to change.',
      'Ask for all problems of the workload: `lanyard doctor deployment/NAME -n NAMESPACE`, or of all in a namespace `lanyard doctor namespace/NAMESPACE`.',
    ],
    mitigation: [byCode, 'Tell whoever owns the workload.'],
  },
  ...certificates,
}
