/** What whoever is called by an alert wants to know, beyond what the rule says itself. */
export type RunbookEntry = {
  /** What it comes to, and for whom. */
  readonly means: string
  /** A query that shows which ones. */
  readonly which?: string
  /** What to do, in order. */
  readonly steps: readonly string[]
}

const sidecarLog =
  'Read the cause: `kubectl -n NAMESPACE logs POD -c lanyard`, or `kubectl -n NAMESPACE describe pod POD` (last state of `lanyard`).'
const webhookLog = 'Read the log: `kubectl -n lanyard-system logs -l app.kubernetes.io/component=webhook --prefix`.'
const byCode = 'Look the code up in [errors.md](errors.md), which says for each what to change.'

/** By alert; charts/lanyard/files/rules.yaml has the rules. */
export const runbook: Readonly<Record<string, RunbookEntry>> = {
  LanyardCredentialsExpired: {
    means:
      'Renewal has failed until nothing valid was left. The endpoint answers 503, the SDKs report that they find no credentials, and no restart of the app helps.',
    which:
      'lanyard_credentials_expiration_timestamp_seconds == 0 and lanyard_credentials_last_refresh_timestamp_seconds > 0',
    steps: [
      sidecarLog,
      byCode,
      'Nothing needs a restart: the sidecar tries again by itself, after 5 minutes at the latest.',
    ],
  },
  LanyardCredentialsExpiringSoon: {
    means:
      'Apps notice nothing yet, but the time is running: a session is renewed when half of its life or more is left, so renewal has failed since then.',
    which:
      '(lanyard_credentials_expiration_timestamp_seconds > 0) - time() < (lanyard_credentials_expiration_timestamp_seconds - lanyard_credentials_last_refresh_timestamp_seconds) / 3',
    steps: [
      sidecarLog,
      byCode,
      'Where the log tells of no failure, compare the clock of Prometheus with that of the node: expirations are in the clock of the pod.',
    ],
  },
  LanyardCredentialsAbsent: {
    means:
      'Pods wait at their start gate (`Init:0/1`, with restarts of the container `lanyard`): a rollout stands still, running pods are not touched.',
    which: 'max_over_time(lanyard_credentials_last_refresh_timestamp_seconds[10m]) == 0',
    steps: [
      sidecarLog,
      'For a new role, `StsAccessDenied` is the usual one: compare the trust policy with the subject, issuer and audience in the message.',
      byCode,
      'The pods come up by themselves when the cause is mended.',
    ],
  },
  LanyardRefreshFailing: {
    means:
      'STS or the way there refuses these sessions. What they hold is served until it expires; then LanyardCredentialsExpired follows.',
    which:
      'sum by (namespace, pod, session, role, code) (increase(lanyard_credentials_refreshes_total{result="failure"}[20m])) > 0',
    steps: [
      'Look the `code` of the alert up in [errors.md](errors.md): it says what to change.',
      'Where all sessions of one role fail, somebody has changed the role or its trust policy; CloudTrail of that account knows who.',
      'Where it is one node, look at its network, its DNS and its clock.',
    ],
  },
  LanyardRefreshFailingWidely: {
    means:
      'A quarter of all sessions or more, and ten at least: one common cause. Apps go on with what they hold, for half of the session duration or longer.',
    which: 'sum by (code) (namespace_code:lanyard_sessions_failing:count)',
    steps: [
      '`StsUnreachable`, `StsTimeout`, `StsUnavailable`: look at the AWS Health Dashboard, then at DNS, NAT, proxies, and NetworkPolicies that are new.',
      '`StsIdentityProviderUnreachable`, `StsVerificationKeyMissing`, `StsTokenRejected`: look whether the issuer’s discovery document and JWKS can be read from outside, and whether the signing key of the cluster was changed.',
      '`ProviderUnreachable`, `ProviderTimeout`, `ProviderUnavailable`, `SamlEndpointFailed`: look at the identity provider that these pods have in common, and at the way to it.',
      '`ProviderClientRejected`, `SamlLoginRefused`, `SamlSignatureInvalid`: a client, a login or a key of the identity provider was changed or has expired.',
      '`StsThrottled`: ask AWS for a higher quota, or lengthen `config.defaults.sessionDuration`.',
      'Do not restart pods: their sidecars hold credentials that are still good, and new pods have none.',
    ],
  },
  LanyardClockSkew: {
    means:
      'The clock of a node is wrong. Lanyard judges expiry by the time of STS, so credentials stay right; but AWS refuses requests that are signed by a clock 5 minutes off.',
    which: 'abs(lanyard_clock_skew_seconds) > 60',
    steps: [
      'Find the nodes: `kubectl -n NAMESPACE get pod POD -o wide`.',
      'Repair the time service there (chrony, systemd-timesyncd, the host of a virtual machine).',
      'The alert ends with the next renewal of each session, up to half of its duration later.',
    ],
  },
  LanyardIdentityTokenNotRenewed: {
    means:
      'kubelet renews the projected token at 80 % of its life and has not. STS refuses an expired token, so the credentials are not renewed either.',
    which: '(lanyard_identity_token_expiration_timestamp_seconds > 0) < time() - 600',
    steps: [
      'Read the log of kubelet on the node of the pod: it says why the API server gave no token.',
      'Look whether the node reaches the API server, and at its clock.',
      'Where the API server is often away for long, lengthen `config.defaults.tokenExpiration`.',
    ],
  },
  LanyardEndpointUnavailable: {
    means:
      'More than one in twenty requests of the apps finds no valid credentials. SDKs repeat them, so users may notice delays rather than failures.',
    which: 'sum by (namespace, pod) (rate(lanyard_endpoint_requests_total{code="503"}[5m])) > 0',
    steps: [
      'LanyardCredentialsExpired or LanyardCredentialsAbsent of the same namespace is the cause, where it is there: begin with that.',
      `Else a few pods ask very often: ${sidecarLog.charAt(0).toLowerCase()}${sidecarLog.slice(1)}`,
    ],
  },
  LanyardUserCredentialsFailing: {
    means:
      'More than one in twenty requests for credentials of an app’s users fails for a reason that is not theirs. Users whose credentials the broker still holds notice nothing.',
    which:
      'sum by (namespace, pod, provider, role, code) (rate(lanyard_user_credentials_requests_total{code!="Success"}[5m])) > 0',
    steps: [
      'Look the `code` of the alert up in [errors.md](errors.md): it says what to change. The log tells more: `kubectl -n NAMESPACE logs POD -c lanyard-broker`.',
      '`Provider…` and `UserTokenKeyUnknown`: the provider of the users, or the way to it, is down, or its keys were changed.',
      '`StsAccessDenied`: compare the trust policy of the role with the issuer and the client id of the provider.',
      '`BrokerRateExceeded`: more users at once than a broker answers in a second, or an app that asks for each of its requests.',
    ],
  },
  LanyardUserTokensForeign: {
    means:
      'The broker refuses them, and nobody has got anything. They come from an attack, from a test, or from an app that mixes up its client ids, providers or roles.',
    which:
      'sum by (namespace, pod, provider, role, code) (increase(lanyard_user_credentials_requests_total{code=~"UserTokenForged|UserTokenAlgorithm|UserTokenKeyForeign|UserTokenIssuer|UserTokenAudience|UserNonceWrong|UserRoleDenied"}[30m])) > 0',
    steps: [
      byCode,
      'Where it began with a release of the app, compare its client id with `clientIds` of the provider, and its roles with those that the operator gave it.',
      'Else look in the access log of the app for who sent them: the broker knows no address of a user.',
    ],
  },
  LanyardSidecarsNotScraped: {
    means: 'Nothing is broken for apps, but nobody would see it if it were.',
    steps: [
      'Turn `monitoring.podMonitor.enabled` on, with the labels by which your Prometheus selects PodMonitors.',
      'Look at the targets page of Prometheus: a NetworkPolicy that keeps it from port 9798 of the pods shows there.',
      'Where only short jobs use Lanyard, they may end before they are scraped: silence the alert.',
    ],
  },
  LanyardWebhookDown: {
    means:
      'Pods that ask for credentials are refused (`failurePolicy: Fail`) and come up by themselves later: their controllers try again. Pods that run are not touched.',
    steps: [
      '`kubectl -n lanyard-system get pods -l app.kubernetes.io/component=webhook`: where they are not ready, read their log and events.',
      'Where they are ready, Prometheus does not see them: is `monitoring.serviceMonitor.enabled` on, and may Prometheus reach port 9798?',
      'If the cluster must go on at once without Lanyard, delete its MutatingWebhookConfiguration: annotated pods then start without credentials. [`helm upgrade`](../operators/upgrade.md#upgrading) brings it back.',
    ],
  },
  LanyardWebhookReplicasMissing: {
    means: 'Those that are left answer; the next disruption can leave none.',
    which: 'up{job="lanyard-webhook"} == 0',
    steps: [
      '`kubectl -n lanyard-system describe pod -l app.kubernetes.io/component=webhook`: not scheduled, image not pulled, or not ready.',
      webhookLog,
    ],
  },
  LanyardWebhookCallsFailing: {
    means:
      'The API server gets no answer, or does not trust it, and so refuses annotated pods. What the webhook says of itself can look well meanwhile.',
    steps: [
      'Read the message in the events of a ReplicaSet: a timeout is the network, `x509` the certificate.',
      'Network: the control plane must reach the pods on port 10250 (firewalls of private clusters; CNIs whose pods the control plane cannot reach need `hostNetwork`).',
      'Certificate: compare `caBundle` in the MutatingWebhookConfiguration with the CA Secret. With the built-in authority the webhook mends it by itself; look why it may not, in its log. Who renders `caBundle` by GitOps takes it away again and again.',
    ],
  },
  LanyardAdmissionErrors: {
    means: 'A defect of Lanyard: a review ended in an exception, and the pod was refused.',
    steps: [webhookLog, 'Report it with the lines of that moment; they hold no secret.'],
  },
  LanyardAdmissionRefusals: {
    means:
      'Requests that the webhook cannot judge. `ReviewTooLarge` and `ReviewBusy` cost pods; the others mostly come from something that is not the API server.',
    steps: [
      byCode,
      '`ReviewTooLarge`: raise `config.webhook.maxBodyBytes`. `ReviewBusy`: more replicas, or more memory.',
      'For the others find out who sends them: a scanner, a health check with the wrong path.',
    ],
  },
  LanyardAdmissionSlow: {
    means: 'The creation of annotated pods takes longer; from 5 s on (`timeoutSeconds`) it fails.',
    which: 'histogram_quantile(0.99, sum by (pod, le) (rate(lanyard_admission_duration_seconds_bucket[10m])))',
    steps: [
      'Look whether the webhook has the CPU it needs: a limit that throttles it, a node that is full.',
      'Add replicas, or turn `autoscaling` on.',
    ],
  },
  LanyardAdmissionDenials: {
    means:
      'The webhook does what it should, and somebody’s pods do not start. One ReplicaSet is enough: its controller tries again and again.',
    steps: [
      'Find them: `kubectl get events -A --field-selector reason=FailedCreate`; the message names the pod’s problem and what to change.',
      byCode,
    ],
  },
  LanyardServingCertificateExpiring: {
    means:
      'Renewal is late. With the built-in authority (a new certificate at two thirds of its 24 h at the latest) it fires at 4 h left, with any other at 7 days.',
    which: 'lanyard_serving_certificate_expiration_timestamp_seconds - time()',
    steps: [
      `Built-in authority: ${webhookLog.charAt(0).toLowerCase()}${webhookLog.slice(1)} It tells what it met at the API server.`,
      'cert-manager: `kubectl -n lanyard-system describe certificate`.',
      'A Secret of your own: renew it. The webhook takes the new one without a restart.',
      'Where certificates are meant to be that short (`config.tls.certificateLifetime` below 12 h, or `tls.certManager.renewBefore` below 7 days), change the rule.',
    ],
  },
  LanyardServingCertificateExpired: {
    means: 'As soon as it has expired, the API server no longer trusts that replica, and refuses annotated pods.',
    which: 'lanyard_serving_certificate_expiration_timestamp_seconds - time()',
    steps: [
      'As for LanyardServingCertificateExpiring.',
      'With the built-in authority, deleting the pod of that replica makes a new certificate, where the authority itself is good.',
    ],
  },
  LanyardAuthorityExpiring: {
    means:
      'Two authorities are trusted at any time, and the next one signs when an eighth of the life is left (45 days of a year). It has not.',
    which: 'lanyard_ca_expiration_timestamp_seconds - time()',
    steps: [
      webhookLog,
      'It must be able to change its CA Secret and its MutatingWebhookConfiguration: [`helm upgrade`](../operators/upgrade.md#upgrading) restores its rights.',
      'With `config.tls.caLifetime` below 8 weeks, change the rule.',
    ],
  },
  LanyardWatchStale: {
    means:
      'The webhook serves with what it knew. Another replica’s new authority, or a `caBundle` that somebody took away, is noticed late or not at all.',
    which: 'time() - lanyard_watch_last_sync_timestamp_seconds',
    steps: [
      webhookLog,
      '`ClusterForbidden`: [`helm upgrade`](../operators/upgrade.md#upgrading) restores its rights. `ClusterUnreachable`: a NetworkPolicy, or the API server.',
    ],
  },
}
