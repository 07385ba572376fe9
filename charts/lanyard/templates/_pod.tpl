{{- define "lanyard.podSpec" -}}
serviceAccountName: {{ include "lanyard.serviceAccountName" . }}
automountServiceAccountToken: {{ include "lanyard.callsCluster" . | eq "true" }}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
dnsPolicy: {{ .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "ClusterFirst" .Values.hostNetwork) }}
securityContext:
  {{- include "lanyard.podSecurityContext" . | nindent 2 }}
containers:
  - name: webhook
    {{- include "lanyard.container" . | nindent 4 }}
volumes:
  - name: config
    {{- include "lanyard.configVolume" . | nindent 4 }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- include "lanyard.scheduling" . }}
{{- end }}

{{- define "lanyard.container" -}}
image: {{ include "lanyard.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- /* The first flag keeps a signal from opening Node's inspector; the others save most of the memory that a burst would take. */}}
command: [/nodejs/bin/node, --disable-sigusr1, --no-concurrent-recompilation, --max-semi-space-size=8, /app/webhook.cjs]
args: [--config, /etc/lanyard/config.yaml]
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: webhook
    containerPort: {{ .Values.ports.webhook }}
    protocol: TCP
  - name: metrics
    containerPort: {{ .Values.ports.metrics }}
    protocol: TCP
{{- range $probe, $path := dict "startup" "/healthz" "readiness" "/readyz" "liveness" "/healthz" }}
{{ $probe }}Probe:
  httpGet:
    path: {{ $path }}
    port: metrics
  timeoutSeconds: 2
  {{- toYaml (get $.Values.probes $probe) | nindent 2 }}
{{- end }}
{{- if .Values.preStopSeconds }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ .Values.preStopSeconds }}
{{- end }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- include "lanyard.securityContext" . | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/lanyard
    readOnly: true
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* One volume, since nothing can be mounted inside a read-only one. */}}
{{- define "lanyard.configVolume" -}}
projected:
  defaultMode: 0440
  sources:
    - configMap:
        name: {{ include "lanyard.webhookName" . }}
        items:
          - key: config.yaml
            path: config.yaml
          {{- if .Values.stsCa.pem }}
          - key: sts.crt
            path: sts/ca.crt
          {{- end }}
    {{- if ne .Values.tls.mode "builtIn" }}
    - secret:
        name: {{ include "lanyard.tlsSecret" . }}
        items:
          - key: tls.crt
            path: tls/tls.crt
          - key: tls.key
            path: tls/tls.key
    {{- end }}
    {{- with .Values.stsCa }}
    {{- if .configMap }}
    - configMap:
        name: {{ .configMap }}
        items:
          - key: {{ .key }}
            path: sts/ca.crt
    {{- end }}
    {{- end }}
{{- end }}

{{- define "lanyard.tlsSecret" -}}
{{- if eq .Values.tls.mode "certManager" }}
{{- include "lanyard.webhookName" . }}-tls
{{- else }}
{{- .Values.tls.existingSecret.name }}
{{- end }}
{{- end }}

{{- define "lanyard.scheduling" }}
{{- $selector := dict "matchLabels" (include "lanyard.selectorLabels" . | fromYaml) }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
affinity:
  {{- with .Values.affinity }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            {{- toYaml $selector | nindent 12 }}
  {{- end }}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ merge (hasKey . "labelSelector" | ternary (dict) (dict "labelSelector" $selector)) . (dict "maxSkew" 1) | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end }}
