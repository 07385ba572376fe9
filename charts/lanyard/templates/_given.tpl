{{- /* Generated from the code by `npm run docs`; change the code, not this file. */}}
{{- define "lanyard.refuseGiven" -}}
{{- if hasKey (get .Values.config "webhook" | default dict) "port" }}
{{- fail "config.webhook.port is the chart's own: set ports.webhook, so that Service and NetworkPolicy follow" }}
{{- end }}
{{- if hasKey (get .Values.config "webhook" | default dict) "metricsPort" }}
{{- fail "config.webhook.metricsPort is the chart's own: set ports.metrics, so that probes, Service and monitors follow" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "certFile" }}
{{- fail "config.tls.certFile is the chart's own: set tls.mode, with what it mounts" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "keyFile" }}
{{- fail "config.tls.keyFile is the chart's own: set tls.mode, with what it mounts" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "namespace" }}
{{- fail "config.tls.namespace is the chart's own: set the namespace of the release (helm --namespace)" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "caSecret" }}
{{- fail "config.tls.caSecret is the chart's own: set fullnameOverride, since the webhook has rights on that Secret alone" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "service" }}
{{- fail "config.tls.service is the chart's own: set fullnameOverride, since the Service is named by it" }}
{{- end }}
{{- if hasKey (get .Values.config "tls" | default dict) "webhookConfiguration" }}
{{- fail "config.tls.webhookConfiguration is the chart's own: set fullnameOverride, since the webhook has rights on that configuration alone" }}
{{- end }}
{{- if hasKey (get .Values.config "sidecar" | default dict) "image" }}
{{- fail "config.sidecar.image is the chart's own: set image.repository, image.tag or image.digest: sidecars and webhook run the same image" }}
{{- end }}
{{- if hasKey (get .Values.config "sidecar" | default dict) "imagePullPolicy" }}
{{- fail "config.sidecar.imagePullPolicy is the chart's own: set image.pullPolicy" }}
{{- end }}
{{- if hasKey (get .Values.config "aws" | default dict) "stsCaFile" }}
{{- fail "config.aws.stsCaFile is the chart's own: set stsCa.configMap or stsCa.pem, which is mounted" }}
{{- end }}
{{- end }}
