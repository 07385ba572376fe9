{{- /* Generated from the code by `npm run docs`; change the code, not this file. */}}
{{- define "lanyard.layout" -}}
{
  "sidecar": "lanyard",
  "volumes": {
    "identity": "lanyard-identity",
    "endpoint": "lanyard-endpoint",
    "state": "lanyard-state",
    "noApiToken": "lanyard-no-api-token"
  },
  "paths": {
    "identity": "/var/run/secrets/lanyard.dev/identity",
    "endpoint": "/var/run/secrets/lanyard.dev/endpoint",
    "state": "/var/run/lanyard",
    "apiToken": "/var/run/secrets/kubernetes.io/serviceaccount",
    "app": "/var/run/secrets/lanyard.dev"
  },
  "appTokenFile": "/var/run/secrets/lanyard.dev/token",
  "identityTokenFile": "/var/run/secrets/lanyard.dev/identity/token",
  "terminationLog": "/dev/termination-log",
  "command": [
    "/nodejs/bin/node",
    "--disable-sigusr1",
    "--no-concurrent-recompilation",
    "--max-semi-space-size=1",
    "/app/sidecar.cjs"
  ],
  "waitCommand": [
    "/nodejs/bin/node",
    "/app/wait.cjs"
  ],
  "globalEndpoint": "https://sts.amazonaws.com",
  "annotationPrefix": "lanyard.dev/",
  "statusAnnotation": "lanyard.dev/status",
  "permittedRoles": "lanyard.dev/permitted-roles",
  "variables": {
    "roleArn": "LANYARD_ROLE_ARN",
    "containerRoles": "LANYARD_CONTAINER_ROLES",
    "assumeRoleArn": "LANYARD_ASSUME_ROLE_ARN",
    "stsEndpoint": "LANYARD_STS_ENDPOINT",
    "sessionName": "LANYARD_SESSION_NAME",
    "stsCa": "LANYARD_STS_CA"
  },
  "places": {
    "LANYARD_IDENTITY_TOKEN_FILE": "/var/run/secrets/lanyard.dev/identity/token",
    "LANYARD_ENDPOINT_TOKENS_DIRECTORY": "/var/run/secrets/lanyard.dev/endpoint",
    "LANYARD_STATE_DIRECTORY": "/var/run/lanyard",
    "LANYARD_TERMINATION_LOG": "/dev/termination-log"
  },
  "downward": {
    "LANYARD_POD_NAME": "metadata.name",
    "LANYARD_POD_NAMESPACE": "metadata.namespace",
    "LANYARD_POD_UID": "metadata.uid",
    "LANYARD_POD_SERVICE_ACCOUNT": "spec.serviceAccountName"
  },
  "rolePattern": "^arn:aws[a-z-]*:iam::\\d{12}:role\\/[\\w+=,.@*/-]{1,512}$"
}
{{- end }}
