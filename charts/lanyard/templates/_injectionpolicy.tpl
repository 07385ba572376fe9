{{- /*
The mode without a webhook: what both of its policies know of a pod, as variables in CEL. It is what src/injection decides
and writes, for pods that say a role of their own and nothing that takes more; test/e2e/policy.test.ts holds the two together.
*/}}

{{- /* A setting under `config` as text, from (list $ SECTION NAME); "" where it is not set. */}}
{{- define "lanyard.setting" -}}
{{- $value := (index . 0).Values.config }}
{{- range rest . }}
{{- $value = get ($value | default dict) . }}
{{- end }}
{{- if kindIs "slice" $value }}{{ join " " $value }}{{ else if kindIs "float64" $value }}{{ int64 $value }}{{ else }}{{ $value }}{{ end }}
{{- end }}

{{- /* As matches() in src/injection/patterns.ts: patterns, separated by blanks, as one regular expression. */}}
{{- define "lanyard.namesMatching" -}}
{{- $patterns := list }}
{{- range regexFindAll "[^\\s]+" . -1 }}
{{- $patterns = append $patterns (regexQuoteMeta . | replace "\\*" "[^/]*") }}
{{- end -}}
^({{ join "|" $patterns }})$
{{- end }}

{{- /* What each annotation may be in the spelling of RE2, as the kinds in src/settings; the variable `valid` adds what no RE2 can say. */}}
{{- define "lanyard.injectionForms" -}}
{{- $duration := `^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$` }}
{{- $name := `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?` }}
{{- $owner := (include "lanyard.layout" . | fromJson).roleOwner }}
{{- dict
  "inject" `^(true|false)$`
  "role-arn" (printf `^(%s:role/([\x21-\x7e]+/)?)?[A-Za-z0-9_+=,.@-]{1,64}$` (trimPrefix "^" $owner))
  "containers" (printf `^%s(\s+%s)*$` $name $name)
  "audience" `^[\x21-\x7e]{1,255}$`
  "token-expiration" $duration
  "session-duration" $duration
  "session-name" `^([A-Za-z0-9_+=,.@-]|\{(namespace|pod|serviceaccount|container)\})+$`
  "region" `^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`
  "credentials-port" `^[0-9]{4,5}$`
  "metrics-port" `^[0-9]{4,5}$`
  | toJson }}
{{- end }}

{{- /* What the webhook can do, and this mode cannot, with the value that asks for nothing where there is one. */}}
{{- define "lanyard.webhookOnly" -}}
{{- $names := dict "mode" "sidecar" "protocol" "container" "user-credentials" "false" }}
{{- range list "container-roles" "session-policy" "session-policy-arns" "assume-role-arn" "assume-role-external-id"
  "assume-role-tags" "source-identity" "identity-provider" "sts-endpoint" "sidecar-cpu-request" "sidecar-cpu-limit"
  "sidecar-memory-request" "sidecar-memory-limit" }}
{{- $_ := set $names . "" }}
{{- end }}
{{- $names | toJson }}
{{- end }}

{{- /* A valid value of an annotation or the default, from (list NAME DEFAULT), both CEL. */}}
{{- define "lanyard.valid" -}}
variables.valid[?{{ index . 0 | toJson }}].orValue({{ index . 1 }})
{{- end }}

{{- /* What the pod asks for, the operator's defaults filled in. */}}
{{- define "lanyard.askedVariables" -}}
- name: said
  expression: >-
    object.metadata.?annotations.orValue({}).transformMapEntry(name, text,
    name.startsWith('lanyard.dev/') && name != 'lanyard.dev/status', {name.substring(12): text.trim()})
- name: forms
  expression: {{ include "lanyard.injectionForms" . | quote }}
- name: webhookOnly
  expression: {{ include "lanyard.webhookOnly" . | quote }}
- name: valid
  expression: >-
    variables.said.transformMap(name, text, name in variables.forms && text != '' && text.matches(variables.forms[name])
    && text.size() <= (name == 'session-name' ? 256 : name == 'role-arn' ? 2048 : 65536)
    && !(name == 'role-arn' && text.matches('[,;=]arn:'))
    && !(name == 'audience' && text.startsWith('https://kubernetes.default.svc')), text)
- name: role
  expression: {{ include "lanyard.valid" (list "role-arn" "''") }}
- name: roleArn
  {{- $account := include "lanyard.setting" (list . "aws" "accountId") }}
  {{- $partition := include "lanyard.setting" (list . "aws" "partition") | default "aws" }}
  expression: >-
    variables.role.startsWith('arn:') || variables.role == '' ? variables.role :
    {{- if $account }}
    {{ printf "arn:%s:iam::%s:role/" $partition $account | toJson }} + variables.role
    {{- else }}
    ''
    {{- end }}
- name: region
  expression: {{ include "lanyard.valid" (list "region" (include "lanyard.setting" (list . "aws" "region") | toJson)) | quote }}
- name: audience
  expression: {{ include "lanyard.valid" (list "audience" (include "lanyard.setting" (list . "defaults" "audience") | toJson)) | quote }}
- name: sessionName
  expression: {{ include "lanyard.valid" (list "session-name" (include "lanyard.setting" (list . "defaults" "sessionName") | toJson)) | quote }}
- name: tokenSeconds
  expression: {{ printf "duration(%s).getSeconds()" (include "lanyard.valid" (list "token-expiration" (include "lanyard.setting" (list . "defaults" "tokenExpiration") | toJson))) | quote }}
- name: sessionSeconds
  expression: {{ printf "duration(%s).getSeconds()" (include "lanyard.valid" (list "session-duration" (include "lanyard.setting" (list . "defaults" "sessionDuration") | toJson))) | quote }}
- name: credentialsPort
  expression: {{ printf "int(%s)" (include "lanyard.valid" (list "credentials-port" (include "lanyard.setting" (list . "defaults" "credentialsPort") | toJson))) | quote }}
- name: metricsPort
  expression: {{ printf "int(%s)" (include "lanyard.valid" (list "metrics-port" (include "lanyard.setting" (list . "defaults" "metricsPort") | toJson))) | quote }}
{{- end }}

{{- /* Which containers there are, and who gets credentials: as src/injection/position.ts and targets.ts. */}}
{{- define "lanyard.placeVariables" -}}
{{- $mesh := include "lanyard.namesMatching" (include "lanyard.setting" (list . "sidecar" "meshContainers")) | toJson }}
- name: inits
  expression: object.spec.?initContainers.orValue([])
- name: sidecars
  expression: variables.inits.filter(c, c.name == 'lanyard' && c.?restartPolicy.orValue('') == 'Always')
- name: stands
  expression: variables.inits.map(c, c.name).indexOf('lanyard')
- name: foreign
  expression: variables.inits.filter(c, c.name != 'lanyard' || c.?restartPolicy.orValue('') != 'Always')
- name: mesh
  expression: {{ printf "variables.foreign.map(c, c.name.matches(%s))" $mesh | quote }}
- name: proxies
  expression: {{ printf "variables.foreign.filter(c, c.name.matches(%s) && c.?restartPolicy.orValue('') == 'Always')" $mesh | quote }}
- name: position
  expression: >-
    variables.proxies.size() == 0 || (!variables.mesh[0] && variables.foreign.exists(c, c.name.matches({{ $mesh }})
    && c.?restartPolicy.orValue('') != 'Always' && !(c.name in ['istio-validation', 'linkerd-network-validator'])))
    ? 0 : variables.mesh.lastIndexOf(true) + 1
- name: places
  expression: >-
    variables.inits.transformList(i, c, c.name != 'lanyard' || c.?restartPolicy.orValue('') != 'Always',
    {'path': dyn('/spec/initContainers/' + string(i)), 'container': c})
    + object.spec.containers.transformList(i, c, {'path': dyn('/spec/containers/' + string(i)), 'container': c})
- name: able
  expression: variables.places.map(p, p.container.name).slice(variables.position, variables.places.size())
- name: chosen
  expression: {{ printf "%s.findAll('[^\\\\s]+')" (include "lanyard.valid" (list "containers" "''")) | quote }}
- name: targets
  expression: >-
    variables.able.filter(name, 'containers' in variables.said ? name in variables.chosen : !name.matches({{ $mesh }}))
- name: targetPlaces
  expression: >-
    variables.places.filter(p, p.container.name in variables.targets).map(p, {'path': dyn(p.path), 'container': p.container,
    'names': dyn(p.container.?env.orValue([]).map(e, e.name))})
{{- end }}
