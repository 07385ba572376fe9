{{- /* Generated from the code by `npm run docs`; change the code, not this file. */}}
{{- define "lanyard.layout" -}}
{
  "sidecar": "lanyard",
  "broker": "lanyard-broker",
  "volumes": {
    "identity": "lanyard-identity",
    "endpoint": "lanyard-endpoint",
    "state": "lanyard-state",
    "noApiToken": "lanyard-no-api-token",
    "provider": "lanyard-provider",
    "broker": "lanyard-broker"
  },
  "paths": {
    "identity": "/var/run/secrets/lanyard.dev/identity",
    "endpoint": "/var/run/secrets/lanyard.dev/endpoint",
    "state": "/var/run/lanyard",
    "provider": "/var/run/secrets/lanyard.dev/provider",
    "providerFile": "/var/run/secrets/lanyard.dev/provider-file",
    "broker": "/var/run/secrets/lanyard.dev/broker",
    "apiToken": "/var/run/secrets/kubernetes.io/serviceaccount",
    "app": "/var/run/secrets/lanyard.dev",
    "user": "/var/run/secrets/user-credentials.lanyard.dev"
  },
  "appTokenFile": "/var/run/secrets/lanyard.dev/token",
  "identityTokenFile": "/var/run/secrets/lanyard.dev/identity/token",
  "terminationLog": "/dev/termination-log",
  "command": [
    "/nodejs/bin/node",
    "--disable-sigusr1",
    "--no-concurrent-recompilation",
    "--max-semi-space-size=1",
    "--v8-pool-size=1",
    "--use-openssl-ca",
    "/app/sidecar.cjs"
  ],
  "federatedCommand": [
    "/nodejs/bin/node",
    "--disable-sigusr1",
    "--no-concurrent-recompilation",
    "--max-semi-space-size=1",
    "--v8-pool-size=1",
    "--use-openssl-ca",
    "/app/federated.cjs"
  ],
  "brokerCommand": [
    "/nodejs/bin/node",
    "--disable-sigusr1",
    "--no-concurrent-recompilation",
    "--max-semi-space-size=1",
    "--v8-pool-size=1",
    "--use-openssl-ca",
    "/app/broker.cjs"
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
    "assumeRoleTags": "LANYARD_ASSUME_ROLE_TAGS",
    "sourceIdentity": "LANYARD_SOURCE_IDENTITY",
    "stsEndpoint": "LANYARD_STS_ENDPOINT",
    "sessionName": "LANYARD_SESSION_NAME",
    "stsCa": "LANYARD_STS_CA",
    "identityProvider": "LANYARD_IDENTITY_PROVIDER",
    "providerConfig": "LANYARD_PROVIDER_CONFIG",
    "brokerProviders": "LANYARD_BROKER_PROVIDERS",
    "brokerRoles": "LANYARD_BROKER_ROLES",
    "brokerTokens": "LANYARD_BROKER_TOKENS_DIRECTORY",
    "terminationLog": "LANYARD_TERMINATION_LOG",
    "fips": "LANYARD_AWS_FIPS",
    "dualStack": "LANYARD_AWS_DUAL_STACK",
    "proxy": "LANYARD_OUTBOUND_PROXY",
    "noProxy": "LANYARD_OUTBOUND_NO_PROXY"
  },
  "brokerSettings": [
    {
      "variable": "LANYARD_BROKER_PORT",
      "path": [
        "userCredentials",
        "port"
      ],
      "default": "9799"
    },
    {
      "variable": "LANYARD_BROKER_METRICS_PORT",
      "path": [
        "userCredentials",
        "metricsPort"
      ],
      "default": "9800"
    },
    {
      "variable": "LANYARD_BROKER_REQUESTS_PER_MINUTE",
      "path": [
        "userCredentials",
        "requestsPerMinute"
      ],
      "default": "60"
    },
    {
      "variable": "LANYARD_BROKER_REQUESTS_PER_SECOND",
      "path": [
        "userCredentials",
        "requestsPerSecond"
      ],
      "default": "50"
    },
    {
      "variable": "LANYARD_BROKER_CACHE_ENTRIES",
      "path": [
        "userCredentials",
        "cacheEntries"
      ],
      "default": "1000"
    }
  ],
  "records": {
    "identityProviders": {
      "oidc-client-credentials": {
        "algorithms": "RS256 ES256",
        "clientAuthentication": "service-account-token",
        "algorithm": "RS256",
        "token": "access_token",
        "caConfigMapKey": "ca.crt"
      },
      "token-exchange": {
        "algorithms": "RS256 ES256",
        "clientAuthentication": "none",
        "algorithm": "RS256",
        "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
        "caConfigMapKey": "ca.crt"
      },
      "saml": {
        "serviceProvider": "urn:amazon:webservices",
        "recipient": "https://signin.aws.amazon.com/saml",
        "usernameKey": "username",
        "passwordKey": "password",
        "caConfigMapKey": "ca.crt"
      },
      "file": {}
    },
    "userProviders": {
      "oidc": {
        "algorithms": "RS256 ES256",
        "requireNonce": "true",
        "maxTokenAge": "1h"
      },
      "google": {
        "requireNonce": "true",
        "maxTokenAge": "1h"
      },
      "apple": {
        "requireNonce": "true",
        "maxTokenAge": "1h"
      },
      "amazon": {
        "tokenInfoEndpoint": "https://api.amazon.com/auth/o2/tokeninfo"
      },
      "facebook": {
        "graphEndpoint": "https://graph.facebook.com"
      }
    },
    "userRoles": {
      "role": {
        "sessionDuration": "1h"
      }
    }
  },
  "notForPods": [
    "namespaces"
  ],
  "places": {
    "LANYARD_IDENTITY_TOKEN_FILE": "/var/run/secrets/lanyard.dev/identity/token",
    "LANYARD_ENDPOINT_TOKENS_DIRECTORY": "/var/run/secrets/lanyard.dev/endpoint",
    "LANYARD_STATE_DIRECTORY": "/var/run/lanyard",
    "LANYARD_TERMINATION_LOG": "/dev/termination-log",
    "LANYARD_PROVIDER_DIRECTORY": "/var/run/secrets/lanyard.dev/provider",
    "LANYARD_PROVIDER_FILE_DIRECTORY": "/var/run/secrets/lanyard.dev/provider-file",
    "LANYARD_BROKER_TOKENS_DIRECTORY": "/var/run/secrets/lanyard.dev/broker"
  },
  "downward": {
    "LANYARD_POD_NAME": "metadata.name",
    "LANYARD_POD_NAMESPACE": "metadata.namespace",
    "LANYARD_POD_UID": "metadata.uid",
    "LANYARD_POD_SERVICE_ACCOUNT": "spec.serviceAccountName"
  },
  "rolePattern": "^arn:(aws[a-z-]*:iam::\\d{12}|aws:iam::([A-Za-z_]\\w{0,63}|[0-9a-f]{32})?|minio:iam::):role\\/[\\w+=,.@*/-]{1,512}$",
  "roleOwner": "^arn:(aws[a-z-]*:iam::\\d{12}|aws:iam::([A-Za-z_]\\w{0,63}|[0-9a-f]{32})?|minio:iam::)"
}
{{- end }}
