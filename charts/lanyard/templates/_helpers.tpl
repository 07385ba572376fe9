{{- define "lanyard.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* The beginning of every name: short enough for a Service with "-webhook" behind it. */}}
{{- define "lanyard.fullname" -}}
{{- $name := .Values.fullnameOverride }}
{{- if not $name }}
{{- $name = contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) }}
{{- end }}
{{- $name | trunc 48 | trimSuffix "-" }}
{{- end }}

{{- define "lanyard.webhookName" -}}
{{- include "lanyard.fullname" . }}-webhook
{{- end }}

{{- define "lanyard.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "lanyard.webhookName" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "lanyard.selectorLabels" -}}
app.kubernetes.io/name: {{ include "lanyard.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end }}

{{- /* Labels of every object but pods: those of the chart would replace running pods for nothing. */}}
{{- define "lanyard.labels" -}}
{{- $own := include "lanyard.selectorLabels" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "app.kubernetes.io/part-of" "lanyard" }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- merge $own .Values.commonLabels | toYaml }}
{{- end }}

{{- /* The metadata of an object, from (list $ NAME) and, where it has some of its own, annotations. */}}
{{- define "lanyard.metadata" -}}
{{- $root := index . 0 }}
{{- $annotations := len . | lt 2 | ternary (last .) dict -}}
name: {{ index . 1 }}
labels:
  {{- include "lanyard.labels" $root | nindent 2 }}
{{- with merge (dict) $annotations $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "lanyard.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- .repository }}{{ with .tag }}:{{ . }}{{ end }}@{{ .digest }}
{{- else }}
{{- .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The user of the image, as a pod of Pod Security Standard "restricted" says it. */}}
{{- define "lanyard.podSecurityContext" -}}
runAsUser: 29797
runAsGroup: 29797
fsGroup: 29797
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "lanyard.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "lanyard.serviceHost" -}}
{{ include "lanyard.webhookName" . }}.{{ .Release.Namespace }}.svc
{{- end }}

{{- /* The metadata of a monitoring object, from (list $ NAME VALUES). */}}
{{- define "lanyard.monitorMetadata" -}}
{{- $root := index . 0 }}
{{- $values := index . 2 -}}
name: {{ index . 1 }}
namespace: {{ default $root.Release.Namespace $values.namespace }}
labels:
  {{- merge (dict) $values.labels (include "lanyard.labels" $root | fromYaml) | toYaml | nindent 2 }}
{{- with $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The pod of `helm test`, as the peer of a NetworkPolicy. */}}
{{- define "lanyard.testPeer" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ include "lanyard.name" . }}
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/component: test
{{- end }}
