{{- /*
Identity providers, providers of users and roles of users, as a pod is told of them: canonical JSON, character for
character what src/settings/records.ts writes.
*/}}

{{- /* The fields of a record as texts, sorted, from (list $ SETTING RECORD): the defaults of its kind filled in. */}}
{{- define "lanyard.recordTexts" -}}
{{- $layout := include "lanyard.layout" (index . 0) | fromJson }}
{{- $record := index . 2 }}
{{- $texts := deepCopy (get (get $layout.records (index . 1)) $record.kind | default dict) }}
{{- range $name, $value := $record }}
{{- if not (kindIs "invalid" $value) }}
{{- $_ := set $texts $name (include "lanyard.textOfValue" $value) }}
{{- end }}
{{- end }}
{{- $texts | toJson }}
{{- end }}

{{- /* As textOfValue() in src/settings: the items of a list by single blanks, a text as it is but for white space around it. */}}
{{- define "lanyard.textOfValue" -}}
{{- if kindIs "slice" . }}{{ join " " . | trim }}{{ else if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ toString . | trim }}{{ end }}
{{- end }}

{{- /* What a pod's variable holds of a record, as CEL, from (list $ SETTING NAME TEXTS): "$" is doubled, since kubelet expands "$(NAME)". */}}
{{- define "lanyard.recordLiteral" -}}
{{- $literal := index . 3 | toJson | replace "$" "$$" | toJson }}
{{- if gt (len $literal) 90000 }}
{{- fail (printf "config.%s.%s is too long for the guard, which holds sidecars to its text: put what is long in it (ca, metadata) elsewhere, by caConfigMap for instance" (index . 1) (index . 2)) }}
{{- end }}
{{- $literal }}
{{- end }}

{{- /* The records of a setting by name; {} where there are none. */}}
{{- define "lanyard.records" -}}
{{- get (index . 0).Values.config (index . 1) | default dict | toJson }}
{{- end }}

{{- /*
What an identity provider takes of a pod, from (list $ RECORD), as needsOf() in src/injection/identity.ts: the audience of
the projected token, the sources of the volume, the volume that another container writes. JSON, "" and [] for nothing.
*/}}
{{- define "lanyard.providerNeeds" -}}
{{- $texts := include "lanyard.recordTexts" (list (index . 0) "identityProviders" (index . 1)) | fromJson }}
{{- $isFile := or (eq $texts.kind "file") (eq ($texts.source | default "") "file") }}
{{- $how := $texts.clientAuthentication | default "" }}
{{- $isKeyed := not (has $how (list "" "service-account-token" "none")) }}
{{- $audience := "" }}
{{- if and (has $texts.kind (list "oidc-client-credentials" "token-exchange")) (or (not $isKeyed) (eq $texts.kind "token-exchange")) }}
{{- $audience = $texts.tokenAudience | default $texts.issuer }}
{{- end }}
{{- $keys := list }}
{{- if and (eq $texts.kind "saml") (not $isFile) }}
{{- $keys = list $texts.usernameKey $texts.passwordKey }}
{{- else if and $isKeyed $texts.secretKey }}
{{- $keys = list $texts.secretKey }}
{{- end }}
{{- $sources := list }}
{{- if and $texts.secretName $keys }}
{{- $sources = append $sources (dict "secret" (dict "name" $texts.secretName "items" (include "lanyard.keyItems" (list "secret" $keys) | fromJsonArray))) }}
{{- end }}
{{- if and $texts.caConfigMap (ne $texts.kind "file") }}
{{- $sources = append $sources (dict "configMap" (dict "name" $texts.caConfigMap "items" (include "lanyard.keyItems" (list "ca" (list $texts.caConfigMapKey)) | fromJsonArray))) }}
{{- end }}
{{- dict "audience" $audience "sources" $sources "volume" ($isFile | ternary ($texts.volume | default "") "") | toJson }}
{{- end }}

{{- define "lanyard.keyItems" -}}
{{- $items := list }}
{{- $directory := index . 0 }}
{{- range index . 1 | uniq }}
{{- $items = append $items (dict "key" . "path" (printf "%s/%s" $directory .)) }}
{{- end }}
{{- $items | toJson }}
{{- end }}

{{- /* Audiences of tokens that identity providers take from pods, as JSON. */}}
{{- define "lanyard.providerAudiences" -}}
{{- $audiences := list }}
{{- range $name, $record := include "lanyard.records" (list . "identityProviders") | fromJson }}
{{- $audiences = append $audiences (include "lanyard.providerNeeds" (list $ $record) | fromJson).audience }}
{{- end }}
{{- $audiences | compact | uniq | sortAlpha | toJson }}
{{- end }}
