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
{{- if or .Values.stsCa.configMap .Values.stsCa.pem }}
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

{{- /* Whether annotations of ServiceAccounts and namespaces are read: config.sources.enabled. */}}
{{- define "lanyard.readsSources" -}}
{{- if ne (get (get .Values.config "sources" | default dict) "enabled" | toString) "false" }}true{{ end }}
{{- end }}

{{- define "lanyard.readsEks" -}}
{{- if eq (get (get .Values.config "compatibility" | default dict) "eks" | toString) "true" }}true{{ end }}
{{- end }}

{{- /* Whether the webhook calls the API server. */}}
{{- define "lanyard.callsCluster" -}}
{{- if or (eq .Values.tls.mode "builtIn") (include "lanyard.readsSources" .) }}true{{ end }}
{{- end }}

{{- /* What no schema can say, of whatever is rendered. */}}
{{- define "lanyard.validateAll" -}}
{{- if and .Values.stsCa.configMap .Values.stsCa.pem }}
{{- fail "stsCa.configMap and stsCa.pem are both set: give the authorities of STS by one of them" }}
{{- end }}
{{- if and .Values.stsCa.configMap (include "lanyard.isGuarded" .) }}
{{- fail "stsCa.configMap is set, and the guard is there, which holds every sidecar to these authorities and reads no ConfigMap: set stsCa.pem to the text itself" }}
{{- end }}
{{- if and (include "lanyard.setting" (list . "aws" "stsEndpoint")) (or (eq (include "lanyard.setting" (list . "aws" "fips")) "true") (eq (include "lanyard.setting" (list . "aws" "dualStack")) "true")) }}
{{- fail "config.aws.stsEndpoint is set, and so is config.aws.fips or config.aws.dualStack, which choose an endpoint of the region: leave one of them out" }}
{{- end }}
{{- range .Values.guard.audiences }}
{{- if hasPrefix "https://kubernetes.default.svc" . }}
{{- fail (printf "guard.audiences has %s, which is the API server's own: no pod could have its token" .) }}
{{- end }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if regexMatch "^LANYARD_(PERMISSION|DEFAULTS|SIDECAR|AWS|OUTBOUND|IDENTITY|USER)_" .name }}
{{- fail (printf "extraEnv has %s: set it under config, of which the policies are made too" .name) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What no schema can say of the webhook. */}}
{{- define "lanyard.validate" -}}
{{- include "lanyard.validateAll" . }}
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
{{- if not (include "lanyard.readsSources" .) }}
{{- if include "lanyard.readsEks" . }}
{{- fail "config.compatibility.eks is true, and config.sources.enabled false: eks.amazonaws.com/ annotations are those of ServiceAccounts, so set it to true" }}
{{- end }}
{{- if eq (include "lanyard.permissionMode" .) "required" }}
{{- fail "config.permission.mode is required, and config.sources.enabled false: what a namespace is permitted is in its annotations, so set it to true" }}
{{- end }}
{{- end }}
{{- if eq .Values.tls.mode "existingSecret" }}
{{- $_ := required "tls.existingSecret.name is needed where tls.mode is existingSecret" .Values.tls.existingSecret.name }}
{{- if not (or .Values.tls.existingSecret.caBundle .Values.webhook.annotations) }}
{{- fail "tls.existingSecret.caBundle is needed where tls.mode is existingSecret: the API server trusts nothing else" }}
{{- end }}
{{- end }}
{{- end }}
