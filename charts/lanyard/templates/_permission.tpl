{{- /*
Which roles a namespace may use, as `variables` of an admission policy on namespaced objects. variables.permitted holds
regular expressions: a role is permitted where variables.permitted.exists(p, arn.matches(p)). As isPermitted() in
src/injection/permission.ts: "*" crosses neither ":" nor "/", and a word that is no pattern permits nothing.
*/}}
{{- define "lanyard.permissionVariables" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $own := printf "namespaceObject.metadata.?annotations[?'%s']" $layout.permittedRoles }}
{{- $defaults := get (include "lanyard.permission" . | fromJson) "defaultRoles" -}}
- name: rolePatterns
  expression: {{ printf "%s.orValue('%s').findAll('[^\\\\s]+')" $own ($defaults | default list | join " ") | quote }}
- name: permitted
  expression: >-
    {{- if and (ne (include "lanyard.permissionMode" .) "required") (kindIs "invalid" $defaults) }}
    !{{ $own }}.hasValue() ? [''] :
    {{- end }}
    variables.rolePatterns.filter(p, p.matches({{ $layout.rolePattern | toJson }}))
    .map(p, '^' + p.replace('.', '\\.').replace('+', '\\+').replace('*', '[^:/]*') + '$')
{{- end }}

{{- define "lanyard.permissionMode" -}}
{{- (get .Values.config "permission" | default dict).mode | default "whenPresent" }}
{{- end }}

{{- /* config.permission.defaultRoles as JSON: null where nothing is said. What is no pattern is refused. */}}
{{- define "lanyard.permission" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $said := (get .Values.config "permission" | default dict).defaultRoles }}
{{- $roles := list }}
{{- range include "lanyard.words" $said | splitList " " | compact }}
{{- if not (regexMatch $layout.rolePattern .) }}
{{- fail (printf "config.permission.defaultRoles has %s, which is no ARN of a role in which * may stand for a part of its path or name" .) }}
{{- end }}
{{- $roles = append $roles . }}
{{- end }}
{{- dict "defaultRoles" (ternary nil $roles (kindIs "invalid" $said)) | toJson }}
{{- end }}

{{- /* A setting that is a list, or a text with white space between, with single blanks. */}}
{{- define "lanyard.words" -}}
{{- $text := kindIs "slice" . | ternary (. | default list | join " ") (. | default "" | toString) }}
{{- regexFindAll "[^\\s]+" $text -1 | join " " }}
{{- end }}
