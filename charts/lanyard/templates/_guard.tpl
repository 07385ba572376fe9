{{- /*
The guard: what a namespace's roles are permitted to be is worth something only where nobody gets round the sidecar. Its
policies look at pods as they come out of admission, at tokens that are asked for, and at what is done to running pods.
*/}}
{{- define "lanyard.isGuarded" -}}
{{- if and .Values.guard.enabled (eq (include "lanyard.permissionMode" .) "required") }}true{{ end }}
{{- end }}

{{- /* The beginning of a policy, from (list $ NAME OPERATION RESOURCES). What it goes on with are matchConditions. */}}
{{- define "lanyard.guardPolicy" -}}
{{- $root := index . 0 -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  {{- include "lanyard.metadata" (list $root (include "lanyard.guardName" (list $root (index . 1)))) | nindent 2 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    {{- with $root.Values.guard.namespaceSelector }}
    namespaceSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [{{ index . 2 }}]
        resources: {{ index . 3 | toJson }}
  matchConditions:
    - name: not-exempt
      expression: >-
        !(request.userInfo.username in {{ $root.Values.guard.exemptUsers | toJson }})
        && !request.userInfo.?groups.orValue([]).exists(group, group in {{ $root.Values.guard.exemptGroups | toJson }})
{{- end }}

{{- define "lanyard.guardBinding" -}}
{{- $root := index . 0 }}
{{- $name := include "lanyard.guardName" . -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "lanyard.metadata" (list $root $name) | nindent 2 }}
spec:
  policyName: {{ $name }}
  validationActions: [Deny]
{{- end }}

{{- define "lanyard.guardName" -}}
{{- include "lanyard.fullname" (index . 0) }}-guard-{{ index . 1 }}
{{- end }}

{{- /* Audiences of tokens that AWS or an identity provider may take, as a CEL list. */}}
{{- define "lanyard.guardedAudiences" -}}
{{- concat (include "lanyard.stsAudiences" . | fromJsonArray) (include "lanyard.providerAudiences" . | fromJsonArray) | uniq | toJson }}
{{- end }}

{{- define "lanyard.stsAudiences" -}}
{{- $own := (get .Values.config "defaults" | default dict).audience | default "sts.amazonaws.com" | toString }}
{{- append .Values.guard.audiences $own | uniq | toJson }}
{{- end }}

{{- /* Those of identity providers that are not AWS's as well, as a CEL list. */}}
{{- define "lanyard.otherAudiences" -}}
{{- $audiences := list }}
{{- $sts := include "lanyard.stsAudiences" . | fromJsonArray }}
{{- range include "lanyard.providerAudiences" . | fromJsonArray }}
{{- if not (has . $sts) }}
{{- $audiences = append $audiences . }}
{{- end }}
{{- end }}
{{- $audiences | toJson }}
{{- end }}

{{- /* Whether `image` is the sidecar's, in CEL: ours, or what a registry rewriter may have made of it. */}}
{{- define "lanyard.isSidecarImage" -}}
{{- $sidecar := get .Values.config "sidecar" | default dict }}
{{- $patterns := list (printf "^%s$" (include "lanyard.image" . | regexQuoteMeta)) }}
{{- range include "lanyard.words" $sidecar.acceptedImages | splitList " " | compact }}
{{- $patterns = append $patterns (printf "^%s$" (regexQuoteMeta . | replace "\\*" "[^/]*")) }}
{{- end }}
{{- $patterns | toJson }}.exists(pattern, image.matches(pattern))
{{- end }}

{{- /* The fields of a sidecar, as a CEL list: those that Lanyard sets, and none that another may add. */}}
{{- define "lanyard.sidecarFields" -}}
{{- list "name" "image" "imagePullPolicy" "restartPolicy" "command" "env" "ports" "lifecycle" "startupProbe" "resources" "securityContext" "terminationMessagePath" "terminationMessagePolicy" "volumeMounts" | toJson }}
{{- end }}

{{- /* The sources of a projected volume, in CEL; null where it is written as {}. */}}
{{- define "lanyard.projectedSources" -}}
volume.?projected.?sources.optMap(sources, dyn(sources) == null ? [] : sources).orValue([])
{{- end }}

{{- define "lanyard.sidecarUid" -}}
{{- (get .Values.config "sidecar" | default dict).uid | default 29797 | int64 }}
{{- end }}

{{- /* The STS endpoints that a sidecar may be told of, as a CEL list. */}}
{{- define "lanyard.stsEndpoints" -}}
{{- $aws := get .Values.config "aws" | default dict }}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $words := include "lanyard.words" $aws.allowedStsEndpoints | splitList " " }}
{{- append (append $words ($aws.stsEndpoint | default "")) $layout.globalEndpoint | compact | uniq | toJson }}
{{- end }}
