{{- /*
What the guard holds a container of Lanyard's to, as validations, from a mapping: root, name and what (how messages call
it), list and env (variables in CEL of such containers and of their env), paths (of mounts by volume).
*/}}
{{- define "lanyard.guardedContainer" -}}
{{- $root := .root }}
{{- $layout := include "lanyard.layout" $root | fromJson }}
{{- $uid := include "lanyard.sidecarUid" $root }}
{{- $names := $layout.variables }}
{{- $leave := printf "leave the container %s out, since Lanyard adds it" .name -}}
- expression: variables.{{ .list }}.all(sidecar, [sidecar.?image.orValue('')].exists(image, {{ include "lanyard.isSidecarImage" $root }}))
  messageExpression: >-
    'the {{ .what }} has the image ' + variables.{{ .list }}[0].?image.orValue('')
    + ', which is not the one of the operator ({{ include "lanyard.image" $root }}): '
    + 'leave the container {{ .name }} out, since Lanyard adds it; a registry that renames images is for config.sidecar.acceptedImages'
  message: "the {{ .what }} has another image than the operator's: {{ $leave }}"
  reason: Forbidden
{{- /* What kubelet would do by any other field is for nobody to try: a file that it mounts, a device, a directory. */}}
- expression: >-
    variables.{{ .list }}.all(sidecar, sidecar.all(field, field in {{ include "lanyard.sidecarFields" . }})
    && sidecar.?terminationMessagePath.orValue('') == '{{ $layout.terminationLog }}'
    && [sidecar.?resources.?limits.orValue({}), sidecar.?resources.?requests.orValue({})].all(amounts,
    amounts.all(name, name in ['cpu', 'memory', 'ephemeral-storage'])) && sidecar.?resources.?claims.orValue([]).size() == 0)
  message: >-
    the {{ .what }} has fields that Lanyard does not set, which could change what it reads or runs: {{ $leave }}
  reason: Forbidden
- expression: >-
    variables.{{ .list }}.all(sidecar, sidecar.?command.orValue([]) == {{ .command }}
    && !sidecar.?startupProbe.?exec.hasValue() && sidecar.?startupProbe.?httpGet.?host.orValue('') == ''
    && (!has(sidecar.lifecycle) || sidecar.lifecycle.all(field, field == 'postStart'))
    && (!has(sidecar.lifecycle) || !has(sidecar.lifecycle.postStart) || sidecar.lifecycle.postStart.all(field, field == 'exec'))
    && sidecar.?lifecycle.?postStart.?exec.?command.orValue({{ $layout.waitCommand | toJson }}) == {{ $layout.waitCommand | toJson }})
  message: >-
    the {{ .what }} runs something else than Lanyard's programs, which could read its token: {{ $leave }}
  reason: Forbidden
- expression: >-
    variables.{{ .list }}.all(sidecar, sidecar.?envFrom.orValue([]).size() == 0 && variables.{{ .env }}.all(one,
    one.name.startsWith('LANYARD_') && (one.name in {{ keys $layout.downward | sortAlpha | toJson }}
    ? one.?valueFrom.?fieldRef.?fieldPath.orValue('') == {{ $layout.downward | toJson }}[one.name]
    : !has(one.valueFrom) && !one.?value.orValue('').replace('$$', '').contains('$'))
    && (!(one.name in {{ keys $layout.places | sortAlpha | toJson }}) || one.?value.orValue('') == {{ $layout.places | toJson }}[one.name])))
  message: >-
    the {{ .what }} has variables that Lanyard does not set, or not to fixed texts: {{ $leave }}
  reason: Forbidden
- expression: >-
    variables.{{ .list }}.all(sidecar, sidecar.?volumeMounts.orValue([]).all(mount,
    mount.all(field, field in ['name', 'mountPath', 'readOnly']) && (mount.name in {{ keys .paths | sortAlpha | toJson }}
    && mount.mountPath == {{ .paths | toJson }}[mount.name]{{ with .mounts }} || {{ . }}{{ end }})))
  message: >-
    the {{ .what }} mounts something that Lanyard does not, or elsewhere, which could change what it runs: {{ $leave }}
  reason: Forbidden
- expression: >-
    variables.{{ .list }}.all(sidecar, sidecar.?securityContext.?runAsUser.orValue(0) == {{ $uid }}
    && sidecar.?securityContext.?runAsGroup.orValue(0) == {{ $uid }}
    && sidecar.?securityContext.?runAsNonRoot.orValue(false) && sidecar.?securityContext.?readOnlyRootFilesystem.orValue(false)
    && !sidecar.?securityContext.?privileged.orValue(false)
    && !sidecar.?securityContext.?allowPrivilegeEscalation.orValue(true)
    && sidecar.?securityContext.?capabilities.?add.orValue([]).size() == 0
    && sidecar.?securityContext.?capabilities.?drop.orValue([]) == ['ALL'])
  message: >-
    the {{ .what }} does not run as its own user, {{ $uid }}, without any privilege: {{ $leave }}
  reason: Forbidden
- expression: >-
    {{ include "lanyard.told" (list .env $names.stsEndpoint) }}
    .all(text, text.replace('$$', '$') in {{ include "lanyard.stsEndpoints" $root }})
    && {{ include "lanyard.told" (list .env $names.stsCa) }}
    .all(text, text.replace('$$', '$').trim() in {{ list (trim $root.Values.stsCa.pem) | compact | toJson }})
  message: >-
    the {{ .what }} is told of an STS that the operator does not allow, which would be sent its token: {{ $leave }}
  reason: Forbidden
{{- $conditions := list }}
{{- range $name, $text := include "lanyard.outbound" $root | fromJson }}
{{- $conditions = append $conditions (printf "%s == %s" (include "lanyard.told" (list $.env $name)) (list $text | compact | toJson)) }}
{{- end }}
- expression: >-
    variables.{{ .list }}.size() == 0 || ({{ join " && " $conditions }})
  message: >-
    the {{ .what }} calls out otherwise than the operator says (config.outbound, config.aws.fips, config.aws.dualStack): {{ $leave }}
  reason: Forbidden
{{- end }}

{{- /* What only the broker is held to: the operator's users, roles and limits. */}}
{{- define "lanyard.guardedBroker" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $leave := printf "leave the container %s out, since Lanyard adds it" $layout.broker -}}
- expression: variables.brokers.size() == 0 || (variables.sidecars.size() == 1 && variables.userRoles.size() > 0)
  messageExpression: >-
    'the container {{ $layout.broker }} is for apps whose users have a role, and namespace ' + request.namespace
    + ' has none, or the pod no sidecar: leave it out, or have the operator add the namespace to a role of config.userRoles'
  message: >-
    the container {{ $layout.broker }} is for apps whose users have a role, and this namespace has none, or the pod no sidecar:
    leave it out, or have the operator add the namespace to a role of config.userRoles
  reason: Forbidden
{{- $conditions := list }}
{{- range $name, $text := include "lanyard.brokerPinned" . | fromJson }}
{{- $conditions = append $conditions (printf "%s == %s" (include "lanyard.told" (list "brokerEnv" $name)) (list $text | toJson)) }}
{{- end }}
- expression: >-
    variables.brokers.size() == 0 || ({{ join " && " $conditions }}
    && {{ include "lanyard.told" (list "brokerEnv" $layout.variables.brokerProviders) }} == [{{ include "lanyard.recordsText" "userProviders" }}]
    && {{ include "lanyard.told" (list "brokerEnv" $layout.variables.brokerRoles) }} == [{{ include "lanyard.recordsText" "userRoles" }}])
  message: >-
    the broker is told of other users, roles or limits than the operator's for this namespace: {{ $leave }}
  reason: Forbidden
{{- end }}
