{{- /* As isAddressed() in src/injection/annotations.ts. */}}
{{- define "lanyard.addressed" -}}
has(object.metadata.annotations) && object.metadata.annotations.exists(name, name.startsWith('lanyard.dev/') && name != 'lanyard.dev/status')
{{- end }}

{{- /* A selector that leaves out the release's namespace, whose pods must start without the webhook. */}}
{{- define "lanyard.otherNamespaces" -}}
{{- $root := index . 0 }}
{{- $selector := index . 1 }}
{{- $own := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (list $root.Release.Namespace) }}
{{- $expressions := append ($selector.matchExpressions | default list) $own }}
{{- merge (dict "matchExpressions" $expressions) $selector | toYaml }}
{{- end }}

{{- /*
What all entries have in common, from (list $ PATH FAILURE-POLICY). Without caBundle, but where a value gives it: who makes
the certificate writes it.
*/}}
{{- define "lanyard.webhookEntry" -}}
{{- $root := index . 0 -}}
clientConfig:
  service:
    namespace: {{ $root.Release.Namespace }}
    name: {{ include "lanyard.webhookName" $root }}
    path: {{ index . 1 }}
    port: 443
  {{- if eq $root.Values.tls.mode "existingSecret" }}
  {{- with $root.Values.tls.existingSecret.caBundle }}
  caBundle: {{ b64enc . }}
  {{- end }}
  {{- end }}
rules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE]
    resources: [pods]
    scope: Namespaced
admissionReviewVersions: [v1]
failurePolicy: {{ index . 2 }}
matchPolicy: Equivalent
reinvocationPolicy: IfNeeded
sideEffects: None
timeoutSeconds: {{ $root.Values.webhook.timeoutSeconds }}
{{- end }}
