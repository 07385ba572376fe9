import type { RunbookEntry } from './alertsRunbook.ts'
import { byCode, doctorOfPod, sidecarLog, whichPods } from './alertsRunbookSteps.ts'

/** Of what sidecars hold and serve. */
export const sidecars: Readonly<Record<string, RunbookEntry>> = {
  LanyardCredentialsExpired: {
    meaning: 'Renewal has failed until nothing valid was left.',
    impact:
      'The endpoint answers 503, the SDKs report that they find no credentials, and the calls of these apps to AWS fail. No restart of the app helps.',
    which:
      'lanyard_credentials_expiration_timestamp_seconds == 0 and lanyard_credentials_last_refresh_timestamp_seconds > 0',
    diagnosis: [whichPods, doctorOfPod, sidecarLog],
    mitigation: [
      byCode,
      'Where many pods of several namespaces have it, begin with [LanyardRefreshFailingWidely](LanyardRefreshFailingWidely.md).',
      'Nothing needs a restart: the sidecar tries again by itself, after 5 minutes at the latest.',
    ],
  },
  LanyardCredentialsExpiringSoon: {
    meaning:
      'A session is renewed when half of its life or more is left. Less than a third is left, so renewal has failed since then.',
    impact:
      'Apps notice nothing yet. When the credentials expire, [LanyardCredentialsExpired](LanyardCredentialsExpired.md) follows.',
    which:
      '(lanyard_credentials_expiration_timestamp_seconds > 0) - time() < (lanyard_credentials_expiration_timestamp_seconds - lanyard_credentials_last_refresh_timestamp_seconds) / 3',
    diagnosis: [
      whichPods,
      doctorOfPod,
      sidecarLog,
      'Where no failure is told of, compare the clock of Prometheus with that of the node: expirations are in the clock of the pod.',
    ],
    mitigation: [byCode, 'The alert ends with the next renewal, 5 minutes after the cause is mended at the latest.'],
  },
  LanyardCredentialsAbsent: {
    meaning: 'Pods have waited for their first credentials for more than 10 minutes.',
    impact:
      'The start gate keeps these apps from starting (`Init:0/1`, with restarts of the container `lanyard`): a rollout stands still. Running pods are not touched.',
    which: 'max_over_time(lanyard_credentials_last_refresh_timestamp_seconds[10m]) == 0',
    diagnosis: [
      whichPods,
      doctorOfPod,
      sidecarLog,
      'What the last attempt ended with is in the state of the container, too: `kubectl -n NAMESPACE describe pod POD`.',
    ],
    mitigation: [
      'For a new role, `StsAccessDenied` is the usual one: compare the trust policy with the subject, issuer and audience in the message. `lanyard setup role` prints a policy that fits, `lanyard setup lint` tells what is wrong with the one that is there.',
      byCode,
      'The pods come up by themselves when the cause is mended. If a rollout must not wait, roll it back: `kubectl -n NAMESPACE rollout undo deployment/NAME`.',
    ],
  },
  LanyardEndpointUnavailable: {
    meaning:
      'More than one in twenty requests of the apps in the last half hour found no valid credentials, and the last 5 minutes were no better.',
    impact:
      'SDKs repeat these requests, so users may notice delays rather than failures. In the long run their calls fail.',
    which: 'sum by (namespace, pod) (rate(lanyard_endpoint_requests_total{code="503"}[5m])) > 0',
    diagnosis: [
      '[LanyardCredentialsExpired](LanyardCredentialsExpired.md) or [LanyardCredentialsAbsent](LanyardCredentialsAbsent.md) of the same namespace is the cause, where it is there: begin with that.',
      whichPods,
      doctorOfPod,
      sidecarLog,
    ],
    mitigation: [
      byCode,
      'Where only single pods have it, and they ask very often: look why the app does not keep what it got.',
    ],
  },
  LanyardSidecarsNotScraped: {
    meaning: 'The webhook has given pods sidecars for more than an hour, and Prometheus sees none of them.',
    impact: 'Nothing is broken for apps, but nobody would see it if it were: every other alert on sidecars is blind.',
    diagnosis: [
      'Is there a PodMonitor? `kubectl -n lanyard-system get podmonitor`.',
      'Look at the targets page of Prometheus: a NetworkPolicy that keeps it from port 9798 of the pods shows there.',
      'Whether the sidecars are well meanwhile, `lanyard status -A` says without Prometheus.',
    ],
    mitigation: [
      'Turn `monitoring.podMonitor.enabled` on, with the labels by which your Prometheus selects PodMonitors.',
      'Let Prometheus through to port 9798: [network](../operators/network.md#networkpolicies).',
      'Where only short jobs use Lanyard, they may end before they are scraped: silence the alert.',
    ],
  },
}
