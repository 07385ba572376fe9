import type { RunbookEntry } from './alertsRunbook.ts'
import { byCode, doctorOfInstallation, rightsBack, webhookLog } from './alertsRunbookSteps.ts'

const managed = 'With cert-manager: `kubectl -n lanyard-system describe certificate`.'

/** Of the certificates of the webhook, and of how it follows them. */
export const certificates: Readonly<Record<string, RunbookEntry>> = {
  LanyardServingCertificateExpiring: {
    meaning:
      'Renewal is late. With the built-in authority (a new certificate at two thirds of its 24 h at the latest) the alert fires at 4 h left, with any other at 7 days.',
    impact: 'None yet. When the certificate expires, annotated pods are refused.',
    which: 'lanyard_serving_certificate_expiration_timestamp_seconds - time()',
    diagnosis: [
      doctorOfInstallation,
      `With the built-in authority: ${webhookLog.charAt(0).toLowerCase()}${webhookLog.slice(1)} It tells what it met at the API server.`,
      managed,
    ],
    mitigation: [
      `With the built-in authority: ${rightsBack}`,
      'A Secret of your own: renew it. The webhook takes the new one without a restart.',
      'Where certificates are meant to be that short (`config.tls.certificateLifetime` below 12 h, or `tls.certManager.renewBefore` below 7 days), change the rule.',
    ],
  },
  LanyardServingCertificateExpired: {
    meaning: 'A replica serves a certificate that has expired, or does within the hour.',
    impact: 'As soon as it has expired, the API server no longer trusts that replica, and refuses annotated pods.',
    which: 'lanyard_serving_certificate_expiration_timestamp_seconds - time()',
    diagnosis: [
      'The query below says which replica; the others may be well.',
      doctorOfInstallation,
      'As for [LanyardServingCertificateExpiring](LanyardServingCertificateExpiring.md).',
    ],
    mitigation: [
      'With the built-in authority, deleting the pod of that replica makes a new certificate, where the authority itself is good: `kubectl -n lanyard-system delete pod POD`.',
      'With any other: renew the certificate; the webhook takes it without a restart.',
    ],
  },
  LanyardAuthorityExpiring: {
    meaning:
      'Two authorities are trusted at any time, and the next one signs when an eighth of the life is left (45 days of a year). It has not.',
    impact: 'None yet. When the authority expires, the API server trusts no replica, and refuses annotated pods.',
    which: 'lanyard_ca_expiration_timestamp_seconds - time()',
    diagnosis: [doctorOfInstallation, webhookLog],
    mitigation: [
      `It must be able to change its CA Secret and its MutatingWebhookConfiguration: ${rightsBack}`,
      'How authorities follow one another: [certificates](../operators/certificates.md).',
      'With `config.tls.caLifetime` below 8 weeks, change the rule.',
    ],
  },
  LanyardWatchStale: {
    meaning: 'A replica of the webhook has not heard from the API server for more than 15 minutes.',
    impact:
      'It serves with what it knew. Another replica’s new authority, or a `caBundle` that somebody took away, is noticed late or not at all.',
    which: 'time() - lanyard_watch_last_sync_timestamp_seconds',
    diagnosis: [webhookLog, doctorOfInstallation],
    mitigation: [
      `\`ClusterForbidden\`: ${rightsBack}`,
      '`ClusterUnreachable`: a NetworkPolicy, or the API server.',
      byCode,
    ],
  },
}
