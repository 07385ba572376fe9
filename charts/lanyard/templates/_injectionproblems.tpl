{{- /* What speaks against a pod, before anything is put into it: as src/injection. Values are never repeated. */}}
{{- define "lanyard.problemVariables" -}}
- name: annotationProblems
  expression: >-
    {{- include "lanyard.annotationProblems" . | nindent 4 }}
- name: podProblems
  expression: >-
    {{- include "lanyard.podProblems" . | nindent 4 }}
- name: containerProblems
  expression: >-
    {{- include "lanyard.containerProblems" . | nindent 4 }}
- name: problems
  expression: variables.annotationProblems + variables.podProblems + variables.containerProblems
{{- end }}

{{- define "lanyard.annotationProblems" -}}
{{- $duration := "must be a duration from %s to %s, like 1h30m" }}
[['WebhookNeeded', 'Lanyard runs here without its webhook, which alone can do this; remove it, or ask the operator for the webhook',
variables.said.filter(name, variables.webhookOnly[?name].orValue(variables.said[name]) != variables.said[name]).map(name, 'lanyard.dev/' + name).sort().join(', ')],
['AnnotationUnknown', 'there is no such annotation for pods',
variables.said.filter(name, !(name in variables.forms) && !(name in variables.webhookOnly)).map(name, 'lanyard.dev/' + name).sort().join(', ')],
['AnnotationInvalid', 'the value is none that this annotation can have; docs/reference/annotations.md has an example of each',
variables.said.filter(name, name in variables.forms && !(name in variables.valid)).map(name, 'lanyard.dev/' + name).sort().join(', ')]]
.filter(kind, kind[2] != '').map(kind, kind[0] + ': ' + kind[2] + ': ' + kind[1])
+ ('role-arn' in variables.said ? [] : ['RoleMissing: lanyard.dev/role-arn: there is no role; without the webhook the pod itself must say it'])
+ (variables.role != '' && variables.roleArn == '' ? ['RoleAccountUnknown: lanyard.dev/role-arn: it is the name of a role, not its ARN, and the operator has set no account'] : [])
+ (variables.roleArn == '' || variables.permitted.exists(p, variables.roleArn.matches(p)) ? [] :
['RoleNotPermitted: lanyard.dev/role-arn: the namespace may not use that role; ask the operator to add it to lanyard.dev/permitted-roles of the namespace'])
+ (variables.tokenSeconds < 600 || variables.tokenSeconds > 86400 ? ['AnnotationInvalid: lanyard.dev/token-expiration: it {{ printf $duration "10m" "24h" }}'] : [])
+ (variables.sessionSeconds < 900 || variables.sessionSeconds > 43200 ? ['AnnotationInvalid: lanyard.dev/session-duration: it {{ printf $duration "15m" "12h" }}'] : [])
+ {'credentials-port': variables.credentialsPort, 'metrics-port': variables.metricsPort}.transformList(name, port,
port < 1024 || port > 65535, 'AnnotationInvalid: lanyard.dev/' + name + ': it must be a port from 1024 to 65535')
+ (variables.credentialsPort == variables.metricsPort ? ['AnnotationsConflict: lanyard.dev/metrics-port: both ports of the sidecar are the same'] : [])
{{- if eq (include "lanyard.setting" (list . "defaults" "lockSessionName")) "true" }}
+ ('session-name' in variables.said ? ['SessionNameLocked: lanyard.dev/session-name: the operator has set the session name for all pods'] : [])
{{- end }}
{{- $ofAccount := "variables.roleArn.matches('^arn:aws[a-z-]*:iam::[0-9]{12}:')" }}
{{- $endpoint := include "lanyard.setting" (list . "aws" "stsEndpoint") }}
{{- /* As ofNoAccount() in src/injection/settings.ts: AWS has no role without an account, and others have an address. */}}
{{- if or (not $endpoint) (regexMatch `(?i)^https://([^/:]+\.)?(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)([:/]|$)` $endpoint) }}
+ (variables.roleArn == '' || {{ $ofAccount }} ? [] :
['RoleOfNoAccount: lanyard.dev/role-arn: the role has no AWS account, and no STS of another kind is set'])
{{- end }}
{{- $chooses := or (eq (include "lanyard.setting" (list . "aws" "fips")) "true") (eq (include "lanyard.setting" (list . "aws" "dualStack")) "true") }}
{{- if and (not $endpoint) $chooses }}
+ (!{{ $ofAccount }} || 'region' in variables.said || variables.region != '' ? [] :
['RegionMissing: lanyard.dev/region: the operator has set aws.fips or aws.dualStack, which choose among the endpoints of a region, and no region is set'])
{{- end }}
{{- if not $endpoint }}
+ (!{{ $ofAccount }} || ('region' in variables.said && !('region' in variables.valid)) ? [] : variables.region == '' ? ({{ if $chooses }}true{{ else }}variables.roleArn.startsWith('arn:aws:'){{ end }} ? [] :
['RegionMissing: lanyard.dev/region: the role is in a partition without a global STS endpoint, and no region is set'])
: [['arn:aws:', '^(us-gov-|us-iso|cn-|eusc-|eu-iso)', 'in'], ['arn:aws-cn:', '^cn-', ''], ['arn:aws-us-gov:', '^us-gov-', '']]
.exists(rule, variables.roleArn.startsWith(rule[0]) && variables.region.matches(rule[1]) == (rule[2] == 'in'))
? ['RegionOfAnotherPartition: lanyard.dev/region: the role is in one AWS partition and the region in another'] : [])
{{- end }}
{{- end }}

{{- define "lanyard.podProblems" -}}
{{- $layout := include "lanyard.layout" . | fromJson -}}
(object.spec.?hostNetwork.orValue(false) ? ['HostNetworkNotSupported: spec.hostNetwork: hostNetwork is true, where loopback is the node\'s'] : [])
+ ('containers' in variables.said && (object.spec.?hostPID.orValue(false) || object.spec.?shareProcessNamespace.orValue(false))
? ['PidNamespaceShared: spec: the containers share processes, and are to have different credentials'] : [])
+ (object.spec.?resources.?requests.orValue({}).size() + object.spec.?resources.?limits.orValue({}).size() > 0
? ['WebhookNeeded: spec.resources: Lanyard runs here without its webhook and cannot raise resources of the whole pod; set them on its containers'] : [])
+ [{{ $layout.sidecar | toJson }}, {{ $layout.broker | toJson }}].filter(name, variables.places.exists(p, p.container.name == name))
.map(name, 'ContainerNameTaken: spec: the name ' + name + ' is reserved for Lanyard')
+ variables.chosen.filter(name, !(name in variables.able)).map(name,
'ContainerUnknown: lanyard.dev/containers: the pod has no container ' + name + ' that starts after the sidecar')
+ (variables.chosen.exists(name, variables.chosen.filter(other, other == name).size() > 1)
? ['AnnotationInvalid: lanyard.dev/containers: it names a container twice'] : [])
+ (variables.targets.size() > 0 || variables.chosen.size() > 0 || !('role-arn' in variables.said) ? [] :
['NoTargetContainer: lanyard.dev/role-arn: it selects no container that starts after the sidecar'])
{{- end }}

{{- define "lanyard.containerProblems" -}}
{{- $layout := include "lanyard.layout" . | fromJson }}
{{- $volumes := values $layout.volumes | sortAlpha | toJson }}
{{- $denied := list "AWS_WEB_IDENTITY_TOKEN_FILE" "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" "AWS_CONTAINER_AUTHORIZATION_TOKEN" }}
{{- if ne (include "lanyard.setting" (list . "env" "staticKeys")) "warn" }}
{{- $denied = concat $denied (list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" "AWS_ACCESS_KEY" "AWS_SECRET_KEY") }}
{{- end }}
{{- $below := printf "^(var/)?%s(/|$)" (trimPrefix "/var/" $layout.paths.app | replace "." "[.]") | toJson -}}
variables.targetPlaces.map(p, p.container.?env.orValue([]).filter(e,
e.name in {{ $denied | toJson }} && (e.?value.orValue('') != '' || e.?valueFrom.hasValue())
|| variables.appEnv.exists(pair, pair[0] == e.name && pair[1] != e.?value.orValue('')))
.map(e, 'EnvWinsOverLanyard: container ' + p.container.name + ': ' + e.name + ' is set, and SDKs prefer it to the credentials that Lanyard serves')).flatten()
+ variables.places.filter(p, p.container.?volumeMounts.orValue([]).exists(m, m.name in {{ $volumes }}
&& !(p.container.name in variables.targets && m == {{ include "lanyard.appMount" (list . "p.container.name") }})))
.map(p, 'VolumeMountedByOthers: container ' + p.container.name + ': it mounts a volume that is Lanyard\'s own')
+ variables.targetPlaces.filter(p, p.container.?volumeMounts.orValue([]).exists(m, !(m.name in {{ $volumes }})
&& [m.mountPath.split('/').filter(part, part != '' && part != '.').join('/')].exists(path, path.matches({{ $below }})
|| path in ['', 'var', 'var/run', 'run', 'var/run/secrets', 'run/secrets'] && (m.?readOnly.orValue(false)
|| object.spec.?volumes.orValue([]).exists(v, v.name == m.name
&& ['secret', 'configMap', 'projected', 'downwardAPI', 'image'].exists(source, source in v))))))
.map(p, 'MountPathTaken: container ' + p.container.name + ': a mount is in the way of {{ $layout.paths.app }}')
+ variables.places.filter(p, p.container.?ports.orValue([]).exists(port, port.?protocol.orValue('TCP') == 'TCP'
&& port.containerPort in [variables.credentialsPort, variables.metricsPort]))
.map(p, 'PortTaken: container ' + p.container.name + ': it declares a port that the sidecar needs; choose another with lanyard.dev/credentials-port or lanyard.dev/metrics-port')
{{- end }}

{{- /* What has become of a pod that nothing speaks against, and should not have: nothing of ours is trusted for its name. */}}
{{- define "lanyard.differences" -}}
((variables.sidecars.size() == 0 ? ['the sidecar is missing: the policy that injects it has not run'] : [])
+ (variables.drift.size() == 0 ? [] : ['container lanyard: something else than Lanyard writes its ' + variables.drift.sort().join(', ')])
+ (variables.sidecars.size() == 0 || variables.stands == variables.position ? [] : ['container lanyard: something else than Lanyard has moved it'])
+ variables.volumes.filter(v, !object.spec.?volumes.orValue([]).exists(have, have == v))
.map(v, 'volume ' + string(v.name) + ': it is not what Lanyard writes; remove it')
+ variables.targetPlaces.filter(p, !p.container.?volumeMounts.orValue([]).exists(m, m == {{ include "lanyard.appMount" (list . "p.container.name") }}))
.map(p, 'container ' + p.container.name + ': it does not mount its endpoint token')
+ variables.targetPlaces.filter(p, !variables.appEnv.all(pair, pair[0] in p.names))
.map(p, 'container ' + p.container.name + ': it is not told where its credentials are')
+ variables.places.filter(p, [['AWS_EC2_METADATA_SERVICE_ENDPOINT', '/'], ['AWS_METADATA_ENDPOINT', '']].all(pair,
p.container.?env.orValue([]).exists(e, e.name == pair[0] && e.?value.orValue('').matches('^http://127[.]0[.]0[.]1:[0-9]{1,5}' + pair[1] + '$'))))
.map(p, 'container ' + p.container.name + ': it is told of IMDS as Lanyard does for another protocol; remove '
+ 'AWS_EC2_METADATA_SERVICE_ENDPOINT and AWS_METADATA_ENDPOINT')).map(text, 'InjectionChanged: ' + text)
{{- end }}
