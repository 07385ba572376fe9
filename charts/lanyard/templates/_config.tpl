{{- /* The file that the webhook reads: the settings under `config`, and those that are the chart's own. */}}
{{- define "lanyard.config" -}}
{{- include "lanyard.refuseGiven" . }}
{{- $webhook := include "lanyard.webhookName" . }}
{{- $own := dict
  "webhook" (dict "port" .Values.ports.webhook "metricsPort" .Values.ports.metrics)
  "sidecar" (dict "image" (include "lanyard.image" .) "imagePullPolicy" .Values.image.pullPolicy)
}}
{{- if eq .Values.tls.mode "builtIn" }}
{{- $_ := set $own "tls" (dict
  "namespace" .Release.Namespace
  "service" $webhook
  "caSecret" (printf "%s-ca" $webhook)
  "webhookConfiguration" $webhook
) }}
{{- else }}
{{- $_ := set $own "tls" (dict "certFile" "/etc/lanyard/tls/tls.crt" "keyFile" "/etc/lanyard/tls/tls.key") }}
{{- end }}
{{- if .Values.stsCa.configMap }}
{{- $_ := set $own "aws" (dict "stsCaFile" "/etc/lanyard/sts/ca.crt") }}
{{- end }}
{{- merge $own .Values.config | toYaml }}
{{- end }}

{{- /* config.webhook.drain, as Go writes durations, in seconds. */}}
{{- define "lanyard.drainSeconds" -}}
{{- $seconds := 0 }}
{{- range regexFindAll "[0-9]+[hms]" ((get .Values.config "webhook" | default dict).drain | default "5s" | toString) -1 }}
{{- $unit := get (dict "h" 3600 "m" 60 "s" 1) (substr (sub (len .) 1 | int) -1 .) }}
{{- $seconds = add $seconds (mul (trimSuffix "s" . | trimSuffix "m" | trimSuffix "h" | atoi) $unit) }}
{{- end }}
{{- $seconds }}
{{- end }}

{{- /* What no schema can say. */}}
{{- define "lanyard.validate" -}}
{{- if eq (int .Values.ports.webhook) (int .Values.ports.metrics) }}
{{- fail "ports.webhook and ports.metrics are the same: give each a port of its own" }}
{{- end }}
{{- if and .Values.hostNetwork (eq (int .Values.ports.webhook) 10250) }}
{{- fail "ports.webhook is 10250, which is kubelet's on the host's network: set another one" }}
{{- end }}
{{- if and .Values.hostNetwork (eq (toString .Values.rollingUpdate.maxUnavailable) "0") }}
{{- fail "rollingUpdate.maxUnavailable is 0 on the host's network, where two webhooks cannot share a node's port: set it to 1, and rollingUpdate.maxSurge to 0" }}
{{- end }}
{{- $stop := add .Values.preStopSeconds (include "lanyard.drainSeconds" .) 11 }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (int $stop) }}
{{- fail (printf "terminationGracePeriodSeconds is %d: preStopSeconds, config.webhook.drain and 11 s for reviews under way are %d" (int .Values.terminationGracePeriodSeconds) $stop) }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas" }}
{{- end }}
{{- if eq .Values.tls.mode "existingSecret" }}
{{- $_ := required "tls.existingSecret.name is needed where tls.mode is existingSecret" .Values.tls.existingSecret.name }}
{{- if not (or .Values.tls.existingSecret.caBundle .Values.webhook.annotations) }}
{{- fail "tls.existingSecret.caBundle is needed where tls.mode is existingSecret: the API server trusts nothing else" }}
{{- end }}
{{- end }}
{{- end }}
