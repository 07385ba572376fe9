{{- /* What no schema can say of the mode without a webhook. */}}
{{- define "lanyard.validateInjection" -}}
{{- include "lanyard.validateAll" . }}
{{- include "lanyard.refuseGiven" . }}
{{- if semverCompare "<1.36.0-0" .Capabilities.KubeVersion.Version }}
{{- fail (printf "injector is policy, which needs Kubernetes 1.36, where MutatingAdmissionPolicy is there; this cluster is %s: set injector to webhook" .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- if .Values.stsCa.configMap }}
{{- fail "stsCa.configMap is for injector webhook, since a policy reads no ConfigMap: set stsCa.pem to the text itself" }}
{{- end }}
{{- if eq (include "lanyard.setting" (list . "compatibility" "eks")) "true" }}
{{- fail "config.compatibility.eks needs injector webhook: a policy does not read ServiceAccounts" }}
{{- end }}
{{- range list "identityProviders" "userProviders" "userRoles" }}
{{- if get $.Values.config . }}
{{- fail (printf "config.%s needs injector webhook: a policy writes no sidecar or broker that reads it" .) }}
{{- end }}
{{- end }}
{{- range list (list "sidecar" "uid") (list "sidecar" "startGateSeconds") (list "sidecar" "logLevel") (list "sidecar" "guaranteedCpu")
  (list "sidecar" "resources" "requests" "cpu") (list "sidecar" "resources" "requests" "memory")
  (list "sidecar" "resources" "limits" "cpu") (list "sidecar" "resources" "limits" "memory") (list "defaults" "audience")
  (list "defaults" "tokenExpiration") (list "defaults" "sessionDuration") (list "defaults" "sessionName")
  (list "defaults" "credentialsPort") (list "defaults" "metricsPort") }}
{{- if not (include "lanyard.setting" (concat (list $) .)) }}
{{- fail (printf "config.%s is needed where injector is policy" (join "." .)) }}
{{- end }}
{{- end }}
{{- $forms := include "lanyard.injectionForms" . | fromJson }}
{{- range $setting, $form := dict "audience" "audience" "tokenExpiration" "token-expiration" "sessionDuration" "session-duration" "sessionName" "session-name" }}
{{- if not (regexMatch (get $forms $form) (include "lanyard.setting" (list $ "defaults" $setting))) }}
{{- fail (printf "config.defaults.%s is not of the form that lanyard.dev/%s has" $setting $form) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The pods that ask, as the first entry of the MutatingWebhookConfiguration, but for those that decide() skips. */}}
{{- define "lanyard.injectionMatch" -}}
matchConstraints:
  {{- with .Values.webhook.namespaceSelector }}
  namespaceSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [pods]
      scope: Namespaced
matchConditions:
  - name: addressed
    expression: {{ include "lanyard.addressed" . | quote }}
  - name: not-opted-out
    expression: object.metadata.?annotations[?'lanyard.dev/inject'].orValue('').trim() != 'false'
  - name: not-mirrored
    expression: "!('kubernetes.io/config.mirror' in object.metadata.annotations)"
  - name: not-windows
    expression: >-
      object.spec.?os.?name.orValue('') != 'windows'
      && object.spec.?nodeSelector[?'kubernetes.io/os'].orValue('') != 'windows'
{{- end }}

{{- define "lanyard.injectionVariables" -}}
{{ include "lanyard.permissionVariables" . }}
{{ include "lanyard.askedVariables" . }}
{{ include "lanyard.placeVariables" . }}
- name: appEnv
  expression: {{ include "lanyard.appEnv" . | quote }}
{{ include "lanyard.partVariables" . }}
{{ include "lanyard.problemVariables" . }}
{{- end }}

{{- /* Variables of each target container that are not there yet, as desiredEnv() in src/injection/environment.ts. */}}
{{- define "lanyard.additions" -}}
variables.targetPlaces.map(p, {'path': dyn(p.path), 'container': p.container,
'proxied': dyn(p.names.exists(name, name.upperAscii() in ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'])), 'env': dyn((variables.appEnv
+ (variables.region == '' || 'AWS_REGION' in p.names || 'AWS_DEFAULT_REGION' in p.names ? [] :
[['AWS_REGION', variables.region], ['AWS_DEFAULT_REGION', variables.region]])
+ [['AWS_EC2_METADATA_DISABLED', 'true']]).filter(pair, !(pair[0] in p.names)).map(pair, {'name': pair[0], 'value': pair[1]})),
'noProxy': dyn(p.names.exists(name, name.upperAscii() == 'NO_PROXY'))})
{{- end }}

{{- /* Each operation only where its result is not there yet, since the API server runs this several times. */}}
{{- define "lanyard.injectionPatch" -}}
{{- $layout := include "lanyard.layout" . | fromJson -}}
variables.problems.size() > 0 ? [] :
(object.metadata.annotations[?'lanyard.dev/status'] == optional.of(variables.status) ? [] :
[JSONPatch{op: 'add', path: '/metadata/annotations/lanyard.dev~1status', value: variables.status}])
+ (has(object.spec.volumes) ? [] : [JSONPatch{op: 'add', path: '/spec/volumes', value: []}])
+ variables.volumes.filter(v, !object.spec.?volumes.orValue([]).exists(have, have.name == v.name))
.map(v, JSONPatch{op: 'add', path: '/spec/volumes/-', value: v})
+ variables.additions.map(a, (has(a.container.env) ? [] : [JSONPatch{op: 'add', path: a.path + '/env', value: []}])
+ (a.proxied && a.noProxy ? a.container.env.transformList(i, e, e.name.upperAscii() == 'NO_PROXY' && !e.?valueFrom.hasValue()
&& !e.?value.orValue('').matches('(^|,)\\s*(\\*|127\\.0\\.0\\.1)\\s*(,|$)'),
JSONPatch{op: 'add', path: a.path + '/env/' + string(i) + '/value',
value: e.?value.orValue('').trim() == '' ? '127.0.0.1' : e.value + ',127.0.0.1'}) : [])
+ a.env.map(e, JSONPatch{op: 'add', path: a.path + '/env/-', value: e})
+ (a.proxied && !a.noProxy ? [JSONPatch{op: 'add', path: a.path + '/env/-', value: {'name': 'NO_PROXY', 'value': '127.0.0.1'}}] : [])
+ (has(a.container.volumeMounts) ? [] : [JSONPatch{op: 'add', path: a.path + '/volumeMounts', value: []}])
+ (a.container.?volumeMounts.orValue([]).exists(m, m.name == {{ $layout.volumes.endpoint | toJson }}) ? [] :
[JSONPatch{op: 'add', path: a.path + '/volumeMounts/-', value: {{ include "lanyard.appMount" (list . "a.container.name") }}}])).flatten()
+ (has(object.spec.initContainers) ? [] : [JSONPatch{op: 'add', path: '/spec/initContainers', value: []}])
+ (variables.sidecars.size() == 0
? [JSONPatch{op: 'add', path: '/spec/initContainers/' + string(variables.position), value: variables.sidecar}] :
(variables.drift.size() == 0 ? [] : [JSONPatch{op: 'replace', path: '/spec/initContainers/' + string(variables.stands), value: variables.sidecar}]
+ variables.kept.map(field, JSONPatch{op: 'add', path: '/spec/initContainers/' + string(variables.stands) + '/' + field,
value: variables.sidecars[0][field]}))
+ (variables.stands == variables.position ? [] : [JSONPatch{op: 'move', from: '/spec/initContainers/' + string(variables.stands),
path: '/spec/initContainers/' + string(variables.position)}]))
{{- end }}
