import type { RunbookEntry } from './alertsRunbook.ts'
import { byCode, doctorOfPod, sidecarLog, whichPods } from './alertsRunbookSteps.ts'

/** Of how sidecars renew what they hold. */
export const renewal: Readonly<Record<string, RunbookEntry>> = {
  LanyardRefreshFailing: {
    meaning: 'STS or the way there has refused these sessions for more than 10 minutes, with no success in between.',
    impact:
      'None yet for pods that run: what they hold is served until it expires; then [LanyardCredentialsExpired](LanyardCredentialsExpired.md) follows.',
    which:
      'sum by (namespace, pod, session, role, code) (increase(lanyard_credentials_refreshes_total{result="failure"}[20m])) > 0',
    diagnosis: [
      whichPods,
      doctorOfPod,
      'Do all sessions of one role fail? Then somebody has changed the role or its trust policy; CloudTrail of that account knows who.',
      'Are they all on one node? `kubectl -n NAMESPACE get pods -o wide`. Then look at its network, its DNS and its clock.',
    ],
    mitigation: [
      'Look the `code` of the alert up in [errors](../reference/errors.md): it says what to change.',
      'Nothing needs a restart. The alert ends with the next success, 5 minutes after the cause is mended at the latest.',
    ],
  },
  LanyardRefreshFailingWidely: {
    meaning: 'A quarter of all sessions or more, and ten at least, cannot be renewed: one common cause.',
    impact:
      'Apps go on with what they hold, for half of the session duration or longer. New pods get no credentials and wait at their start gate.',
    which: 'sum by (code) (namespace_code:lanyard_sessions_failing:count)',
    diagnosis: [
      'The query below says which codes there are.',
      'See how long there is until the first credentials expire: `lanyard status -A`.',
      'Take one pod of the commonest code: `lanyard doctor pod/POD -n NAMESPACE`.',
    ],
    mitigation: [
      '`StsUnreachable`, `StsTimeout`, `StsUnavailable`: look at the AWS Health Dashboard, then at DNS, NAT, proxies, and NetworkPolicies that are new.',
      '`StsIdentityProviderUnreachable`, `StsVerificationKeyMissing`, `StsTokenRejected`: look whether the issuer’s discovery document and JWKS can be read from outside, and whether the signing key of the cluster was changed.',
      '`ProviderUnreachable`, `ProviderTimeout`, `ProviderUnavailable`, `SamlEndpointFailed`: look at the identity provider that these pods have in common, and at the way to it.',
      '`ProviderClientRejected`, `SamlLoginRefused`, `SamlSignatureInvalid`: a client, a login or a key of the identity provider was changed or has expired.',
      '`StsThrottled`: ask AWS for a higher quota, or lengthen `config.defaults.sessionDuration`.',
      'Do not restart pods: their sidecars hold credentials that are still good, and new pods have none.',
    ],
  },
  LanyardClockSkew: {
    meaning: 'The clock of a node is more than a minute from that of STS.',
    impact:
      'Lanyard judges expiry by the time of STS, so credentials stay right; but AWS refuses requests that are signed by a clock 5 minutes off.',
    which: 'abs(lanyard_clock_skew_seconds) > 60',
    diagnosis: [
      'The query below names the pods; their nodes are in `kubectl -n NAMESPACE get pod POD -o wide`.',
      'Compare the clock there: `kubectl -n NAMESPACE exec POD -- date -u`.',
    ],
    mitigation: [
      'Repair the time service of the node (chrony, systemd-timesyncd, the host of a virtual machine).',
      'The alert ends with the next renewal of each session, up to half of its duration later.',
    ],
  },
  LanyardIdentityTokenNotRenewed: {
    meaning:
      'kubelet renews the projected token at 80 % of its life and has not. The sidecar has tried with an expired token.',
    impact:
      'STS refuses an expired token, so the credentials are not renewed either. What is held is served until it expires.',
    which: '(lanyard_identity_token_expiration_timestamp_seconds > 0) < time() - 600',
    diagnosis: [
      'Find the node: `kubectl -n NAMESPACE get pod POD -o wide`.',
      'Read the log of kubelet there: it says why the API server gave no token.',
      sidecarLog,
    ],
    mitigation: [
      'Look whether the node reaches the API server, and at its clock.',
      'Where the API server is often away for long, lengthen `config.defaults.tokenExpiration`.',
      byCode,
    ],
  },
}
