{{- /* What the mode without a webhook puts into a pod, as CEL that is the JSON: as src/injection/sidecar.ts and patch.ts. */}}

{{- /* A value as CEL, which otherwise wants all values of a map alike; {$cel: EXPRESSION} is one that depends on the pod. */}}
{{- define "lanyard.cel" -}}
{{- if kindIs "map" . }}
{{- if hasKey . "$cel" }}{{ get . "$cel" }}{{ else }}
{{- $entries := list }}
{{- range $key, $value := . }}
{{- $entries = append $entries (printf "%s: dyn(%s)" (toJson $key) (include "lanyard.cel" $value)) }}
{{- end -}}
{ {{- join ", " $entries -}} }
{{- end }}
{{- else if kindIs "slice" . }}
{{- $items := list }}
{{- range . }}
{{- $items = append $items (include "lanyard.cel" .) }}
{{- end -}}
[{{ join ", " $items }}]
{{- else }}{{ toJson . }}{{ end }}
{{- end }}

{{- define "lanyard.partVariables" -}}
- name: guaranteed
  expression: >-
    (variables.foreign + object.spec.containers).all(c, ['cpu', 'memory'].all(name,
    c.?resources.?limits[?name].hasValue() && quantity(string(c.resources.limits[name])).compareTo(
    quantity(string(c.resources.?requests[?name].orValue(c.resources.limits[name])))) == 0))
- name: gateSeconds
  expression: {{ include "lanyard.gateSeconds" . | quote }}
- name: literals
  expression: >-
    {{- include "lanyard.literals" . | nindent 4 }}
- name: downward
  expression: >-
    [['LANYARD_POD_NAME', 'metadata.name'], ['LANYARD_POD_NAMESPACE', 'metadata.namespace'], ['LANYARD_POD_UID', 'metadata.uid'],
    ['LANYARD_POD_SERVICE_ACCOUNT', 'spec.serviceAccountName']]
- name: env
  expression: >-
    variables.literals.filter(pair, pair[1] != '').map(pair, {'name': dyn(pair[0]), 'value': dyn(pair[1])})
    + variables.downward.map(pair, {'name': dyn(pair[0]), 'valueFrom': dyn({'fieldRef': {'apiVersion': 'v1', 'fieldPath': pair[1]}})})
- name: volumes
  expression: {{ include "lanyard.cel" (include "lanyard.volumes" . | fromYamlArray) | quote }}
- name: sidecar
  expression: {{ include "lanyard.cel" (include "lanyard.sidecarContainer" . | fromYaml) | quote }}
- name: hasResources
  expression: >-
    variables.sidecars.exists(have, have.?resources.?limits.orValue({}).size() + have.?resources.?requests.orValue({}).size() > 0)
- name: kept
  expression: >-
    {{- include "lanyard.kept" . | nindent 4 }}
- name: drift
  expression: >-
    variables.sidecars.map(have, variables.sidecar.filter(field, !(field in variables.kept)
    && !(field == 'resources' && variables.hasResources) && have[?field] != optional.of(variables.sidecar[field]))
    + have.filter(field, !(field in variables.sidecar))).flatten()
- name: status
  expression: >-
    '{"version":{{ .Chart.AppVersion | toJson }},"mode":"sidecar","roles":{' + variables.targets.map(name, '"' + name + '":"'
    + variables.roleArn.replace('\\', '\\\\').replace('"', '\\"') + '"').join(',') + '}}'
{{- end }}

{{- /*
What others may change of a sidecar that is there: its resources, an accepted image in its place, and to be stricter with
pulling it; as settled() in src/injection/patch.ts.
*/}}
{{- define "lanyard.kept" -}}
{{- $accepted := include "lanyard.setting" (list . "sidecar" "acceptedImages") -}}
variables.sidecars.map(have, (!variables.guaranteed && variables.hasResources ? ['resources'] : [])
{{- with $accepted }}
+ (have.?image.orValue('').matches({{ include "lanyard.namesMatching" . | toJson }}) ? ['image'] : [])
{{- end }}
+ (have.?imagePullPolicy.orValue('') == 'Always' ? ['imagePullPolicy'] : [])).flatten()
{{- end }}

{{- /* Within the grace period, as gateOf() in src/injection/sidecar.ts. */}}
{{- define "lanyard.gateSeconds" -}}
{{- $seconds := include "lanyard.setting" (list . "sidecar" "startGateSeconds") }}
{{- if eq (include "lanyard.setting" (list . "sidecar" "startGate")) "startupProbe" }}
{{- $seconds }}
{{- else -}}
[5, [{{ $seconds }}, object.spec.?terminationGracePeriodSeconds.orValue(30) - 2].min()].max()
{{- end }}
{{- end }}

{{- /* Names and values, "" where there is none; "$" is doubled, since kubelet expands "$(NAME)". */}}
{{- define "lanyard.literals" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $endpoint := include "lanyard.setting" (list . "aws" "stsEndpoint") -}}
[['LANYARD_ROLE_ARN', variables.roleArn.replace('$', '$$')],
['LANYARD_CONTAINERS', variables.targets.join(' ')],
['LANYARD_AUDIENCE', variables.audience.replace('$', '$$')],
['LANYARD_SESSION_DURATION', string(variables.sessionSeconds) + 's'],
['LANYARD_SESSION_NAME', variables.sessionName],
['LANYARD_REGION', variables.region == '' ? 'us-east-1' : variables.region],
['LANYARD_STS_ENDPOINT', {{ if $endpoint }}{{ $endpoint | toJson }}{{ else }}variables.region == '' ? {{ $layout.globalEndpoint | toJson }} : ''{{ end }}],
['LANYARD_CREDENTIALS_PORT', string(variables.credentialsPort)],
['LANYARD_METRICS_PORT', string(variables.metricsPort)],
['LANYARD_LOG_LEVEL', {{ include "lanyard.setting" (list . "sidecar" "logLevel") | toJson }}],
['LANYARD_STS_CA', {{ .Values.stsCa.pem | replace "$" "$$" | toJson }}],
{{- $outbound := include "lanyard.outbound" . | fromJson }}
{{- range list "fips" "dualStack" "proxy" "noProxy" }}
{{- $name := get $layout.variables . }}
['{{ $name }}', {{ get $outbound $name | toJson }}],
{{- end }}
['LANYARD_START_GATE_SECONDS', string(variables.gateSeconds)],
['LANYARD_IDENTITY_TOKEN_FILE', {{ $layout.identityTokenFile | toJson }}],
['LANYARD_ENDPOINT_TOKENS_DIRECTORY', {{ $layout.paths.endpoint | toJson }}],
['LANYARD_STATE_DIRECTORY', {{ $layout.paths.state | toJson }}],
['LANYARD_TERMINATION_LOG', {{ $layout.terminationLog | toJson }}]]
{{- end }}

{{- define "lanyard.volumes" -}}
{{- $layout := include "lanyard.layout" . | fromJson -}}
- name: {{ $layout.volumes.identity }}
  projected:
    defaultMode: 420
    sources:
      - serviceAccountToken:
          audience: {$cel: variables.audience}
          expirationSeconds: {$cel: variables.tokenSeconds}
          path: token
{{- range list "endpoint" "state" "noApiToken" }}
- name: {{ get $layout.volumes . }}
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- end }}
{{- end }}

{{- define "lanyard.sidecarContainer" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $user := include "lanyard.setting" (list . "sidecar" "uid") -}}
name: {{ $layout.sidecar }}
image: {{ include "lanyard.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
restartPolicy: Always
command: {{ $layout.command | toJson }}
env: {$cel: variables.env}
ports:
  - name: lanyard-metrics
    containerPort: {$cel: variables.metricsPort}
    protocol: TCP
{{- if eq (include "lanyard.setting" (list . "sidecar" "startGate")) "startupProbe" }}
startupProbe:
  failureThreshold: {$cel: variables.gateSeconds}
  httpGet:
    path: /startupz
    port: {$cel: variables.metricsPort}
    scheme: HTTP
  periodSeconds: 1
  successThreshold: 1
  timeoutSeconds: 1
{{- else }}
lifecycle:
  postStart:
    exec:
      command: {{ $layout.waitCommand | toJson }}
{{- end }}
resources:
  $cel: {{ include "lanyard.sidecarResources" . | quote }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
  privileged: false
  readOnlyRootFilesystem: true
  runAsGroup: {{ $user }}
  runAsNonRoot: true
  runAsUser: {{ $user }}
  seccompProfile:
    type: RuntimeDefault
terminationMessagePath: {{ $layout.terminationLog }}
terminationMessagePolicy: File
volumeMounts:
  - {name: {{ $layout.volumes.identity }}, mountPath: {{ $layout.paths.identity }}, readOnly: true}
  - {name: {{ $layout.volumes.endpoint }}, mountPath: {{ $layout.paths.endpoint }}}
  - {name: {{ $layout.volumes.state }}, mountPath: {{ $layout.paths.state }}}
  - {name: {{ $layout.volumes.noApiToken }}, mountPath: {{ $layout.paths.apiToken }}, readOnly: true}
{{- end }}

{{- /* In a Guaranteed pod requests equal limits, or the pod would lose its class. */}}
{{- define "lanyard.sidecarResources" -}}
{{- $resources := dict }}
{{- range $kind := list "requests" "limits" }}
{{- $amounts := dict }}
{{- range list "cpu" "memory" }}
{{- $_ := set $amounts . (include "lanyard.setting" (list $ "sidecar" "resources" $kind .)) }}
{{- end }}
{{- $_ := set $resources $kind $amounts }}
{{- end }}
{{- $all := dict "cpu" (include "lanyard.setting" (list . "sidecar" "guaranteedCpu")) "memory" $resources.limits.memory -}}
variables.guaranteed ? {{ dict "requests" $all "limits" $all | toJson }} : {{ $resources | toJson }}
{{- end }}

{{- /* By which a container sees its own endpoint token; as appMount() in src/injection/collisions.ts. From (list $ NAME), the name as CEL. */}}
{{- define "lanyard.appMount" -}}
{{- $layout := include "lanyard.layout" (index . 0) | fromJson }}
{{- dict "name" $layout.volumes.endpoint "mountPath" $layout.paths.app "readOnly" true "subPath" (dict "$cel" (index . 1)) | include "lanyard.cel" }}
{{- end }}

{{- /* What a container must have to find its credentials: names and values. */}}
{{- define "lanyard.appEnv" -}}
{{- $layout := include "lanyard.layout" . | fromJson -}}
[['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.0.0.1:' + string(variables.credentialsPort) + '/v1/credentials'],
['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', {{ $layout.appTokenFile | toJson }}]]
{{- end }}
