import type { WebhookKey } from '../../src/settings/index.ts'

/** Settings that the chart gives, since its objects must agree with them: what to set instead. */
export const given: Readonly<Partial<Record<WebhookKey, string>>> = {
  'webhook.port': 'ports.webhook, so that Service and NetworkPolicy follow',
  'webhook.metricsPort': 'ports.metrics, so that probes, Service and monitors follow',
  'tls.certFile': 'tls.mode, with what it mounts',
  'tls.keyFile': 'tls.mode, with what it mounts',
  'tls.namespace': 'the namespace of the release (helm --namespace)',
  'tls.caSecret': 'fullnameOverride, since the webhook has rights on that Secret alone',
  'tls.service': 'fullnameOverride, since the Service is named by it',
  'tls.webhookConfiguration': 'fullnameOverride, since the webhook has rights on that configuration alone',
  'sidecar.image': 'image.repository, image.tag or image.digest: sidecars and webhook run the same image',
  'sidecar.imagePullPolicy': 'image.pullPolicy',
  'aws.stsCaFile': 'stsCa.configMap or stsCa.pem, which is mounted',
}

export const isGiven = (key: string): boolean => Object.hasOwn(given, key)

/** templates/_given.tpl: a setting that is the chart's own is refused with the value to set instead. */
export function givenTemplate(): string {
  const checks = Object.entries(given).map(([key, instead]) => {
    const path = key.split('.')
    const leaf = path.pop() ?? ''
    const section = path.reduce((inner, name) => `(get ${inner} "${name}" | default dict)`, '.Values.config')
    return [
      `{{- if hasKey ${section} "${leaf}" }}`,
      `{{- fail "config.${key} is the chart's own: set ${instead}" }}`,
      '{{- end }}',
    ].join('\n')
  })
  return [
    '{{- /* Generated from the code by `npm run docs`; change the code, not this file. */}}',
    '{{- define "lanyard.refuseGiven" -}}',
    ...checks,
    '{{- end }}',
    '',
  ].join('\n')
}
