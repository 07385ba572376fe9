import type { CodeEntry } from './entry.ts'

/** What the sidecar's endpoint answers. */
export const endpointCodes = {
  CredentialsNotReady: {
    area: 'endpoint',
    cause: 'There are no valid credentials at the moment.',
    fix: "Look at the cause in the message and at the sidecar's log.",
  },
  EndpointTokenMissing: {
    area: 'endpoint',
    cause: 'The request carries no Authorization header.',
    fix: 'Let the SDK read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; very old ones cannot.',
  },
  EndpointTokenWrong: {
    area: 'endpoint',
    cause: "The Authorization header is not the endpoint token of one of the pod's containers.",
    fix: 'Send the content of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE as it is.',
  },
  ImdsTtlInvalid: {
    area: 'endpoint',
    cause: 'The request for an IMDSv2 session token says no lifetime that one can have.',
    fix: 'Send the header X-aws-ec2-metadata-token-ttl-seconds with 1 to 21600.',
  },
  ImdsTokenMissing: {
    area: 'endpoint',
    cause: 'The request carries no IMDSv2 session token.',
    fix: 'Get one by PUT /latest/api/token and send it as X-aws-ec2-metadata-token; version 1 of IMDS is not served.',
  },
  ImdsTokenWrong: {
    area: 'endpoint',
    cause: "The IMDSv2 session token is none of this sidecar's, or has expired.",
    fix: 'Get another by PUT /latest/api/token.',
  },
  HostRefused: {
    area: 'endpoint',
    cause: 'The Host header is not the endpoint (a defence against DNS rebinding).',
    fix: 'Use AWS_CONTAINER_CREDENTIALS_FULL_URI as it is.',
  },
  OriginRefused: {
    area: 'endpoint',
    cause: 'The request comes from a web page.',
    fix: 'Ask from a program of the pod, without an Origin header.',
  },
  ForwardedRefused: {
    area: 'endpoint',
    cause: 'The request was forwarded by a proxy.',
    fix: 'Ask directly: take 127.0.0.1 out of proxying with NO_PROXY.',
  },
  MethodRefused: {
    area: 'endpoint',
    cause: 'The path does not answer this method.',
    fix: 'Use a method that the Allow header names.',
  },
  PathUnknown: {
    area: 'endpoint',
    cause: 'There is nothing at this path.',
    fix: 'Use AWS_CONTAINER_CREDENTIALS_FULL_URI as it is.',
  },
  RequestMalformed: {
    area: 'endpoint',
    cause: 'The request is not HTTP as it should be.',
    fix: 'Send a plain HTTP/1.1 request without a body.',
  },
} as const satisfies Record<string, CodeEntry>
