{{- /*
What the guard knows of identity providers and of users, as variables in CEL: what the webhook writes into a pod of this
namespace. Each record's text is a variable of its own, since the API server reads no expression above 100,000 characters.
*/}}
{{- define "lanyard.providerVariables" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $entries := list }}
{{- $at := 0 }}
{{- range $name, $record := include "lanyard.records" (list . "identityProviders") | fromJson }}
{{- $texts := include "lanyard.recordTexts" (list $ "identityProviders" $record) | fromJson }}
- name: identityProvider{{ $at }}
  expression: >-
    {{ include "lanyard.recordLiteral" (list $ "identityProviders" $name (omit $texts "namespaces")) }}
{{- $needs := include "lanyard.providerNeeds" (list $ $record) | fromJson }}
{{- $sources := include "lanyard.cel" $needs.sources }}
{{- $entries = append $entries (printf "{'name': dyn(%s), 'namespaces': dyn(%s), 'text': dyn(variables.identityProvider%d), 'audience': dyn(%s), 'sources': dyn(%s), 'volume': dyn(%s)}"
  ($name | toJson) (include "lanyard.namesMatching" $texts.namespaces | toJson) $at ($needs.audience | toJson) $sources ($needs.volume | toJson)) }}
{{- $at = add1 $at }}
{{- end }}
- name: providers
  expression: >-
    [{{ join ", " $entries }}]{{ if $entries }}.filter(one, request.namespace.matches(one.namespaces)){{ end }}
- name: asked
  expression: {{ include "lanyard.told" (list "env" $layout.variables.identityProvider) }}
- name: provider
  expression: {{ if $entries }}variables.providers.filter(one, one.name in variables.asked){{ else }}variables.providers{{ end }}
{{- end }}

{{- /* The values of a variable in a list of variables, from (list LIST NAME): one, where there is no forgery. */}}
{{- define "lanyard.told" -}}
variables.{{ index . 0 }}.filter(one, one.name == '{{ index . 1 }}').map(one, one.?value.orValue(''))
{{- end }}

{{- /* Roles of users that the namespace has, and who vouches for them: as userCredentialsOf() in src/injection/broker.ts. */}}
{{- define "lanyard.userVariables" -}}
{{- range $setting := list "userRoles" "userProviders" }}
{{- $variable := trimSuffix "s" $setting }}
{{- $entries := list }}
{{- $at := 0 }}
{{- range $name, $record := include "lanyard.records" (list $ $setting) | fromJson }}
{{- $texts := include "lanyard.recordTexts" (list $ $setting $record) | fromJson }}
- name: {{ $variable }}{{ $at }}
  expression: >-
    {{ include "lanyard.recordLiteral" (list $ $setting $name (omit $texts "namespaces")) }}
{{- $words := list (toJson $name) (printf "variables.%s%d" $variable $at) }}
{{- if eq $setting "userRoles" }}
{{- $words = concat $words (list (include "lanyard.namesMatching" $texts.namespaces | toJson) (include "lanyard.words" $texts.providers | toJson)) }}
{{- end }}
{{- $entries = append $entries (printf "[%s]" (join ", " $words)) }}
{{- $at = add1 $at }}
{{- end }}
- name: {{ $setting }}
  expression: >-
    {{- if not $entries }}
    []
    {{- else if eq $setting "userRoles" }}
    [{{ join ", " $entries }}].filter(one, request.namespace.matches(one[2]))
    {{- else }}
    [{{ join ", " $entries }}].filter(one, variables.userRoles.exists(role, one[0] in role[3].split(' ')))
    {{- end }}
{{- end }}
{{- end }}

{{- /* Several records as one text, from (list VARIABLE): as recordsText() in src/settings/records.ts. */}}
{{- define "lanyard.recordsText" -}}
'{' + variables.{{ . }}.map(one, '"' + one[0] + '":' + one[1]).join(',') + '}'
{{- end }}

{{- /* How calls go out, as the operator says: names of variables with their only value, "" where there is none. JSON. */}}
{{- define "lanyard.outbound" -}}
{{- $names := (include "lanyard.layout" . | fromJson).variables }}
{{- dict
  $names.fips (include "lanyard.setting" (list . "aws" "fips") | eq "true" | ternary "true" "")
  $names.dualStack (include "lanyard.setting" (list . "aws" "dualStack") | eq "true" | ternary "true" "")
  $names.proxy (include "lanyard.setting" (list . "outbound" "proxy") | trim | replace "$" "$$")
  $names.noProxy (include "lanyard.words" ((get .Values.config "outbound" | default dict).noProxy) | replace "$" "$$")
  | toJson }}
{{- end }}

{{- /* Variables of the broker with the one value that each has, as JSON: the operator's settings and the places of files. */}}
{{- define "lanyard.brokerPinned" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $pinned := dict $layout.variables.brokerTokens $layout.paths.broker $layout.variables.terminationLog $layout.terminationLog }}
{{- range $layout.brokerSettings }}
{{- $_ := set $pinned .variable (include "lanyard.setting" (concat (list $) .path) | default .default) }}
{{- end }}
{{- $pinned | toJson }}
{{- end }}
