import {
  type $Command,
  AssumeRoleCommand,
  type AssumeRoleCommandOutput,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  type STSClient,
  type STSClientResolvedConfig,
} from '@aws-sdk/client-sts'
import type {
  AssumeRoleRequest,
  RoleRequest,
  SamlRequest,
  SigningKeys,
  StsOperation,
  WebIdentityRequest,
} from '../federation/index.ts'
import type { Look } from './answer.ts'

/** What the answers have in common. */
export type Answered = Pick<AssumeRoleCommandOutput, 'Credentials' | 'AssumedRoleUser'>

/** One call, ready to be sent. */
export type Call = {
  readonly operation: StsOperation
  readonly roleArn: string
  /** What of it must be in no message. */
  readonly secrets: readonly string[]
  /** What it is signed with, if it is. */
  readonly keys?: SigningKeys
  /** `look` sees the raw answer first. */
  readonly send: (client: STSClient, abortSignal: AbortSignal, look: Look) => Promise<Answered>
}

type Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<
  I,
  O,
  STSClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

function sending<I extends ServiceInputTypes, O extends ServiceOutputTypes & Answered>(
  command: Command<I, O>,
): Call['send'] {
  return (client, abortSignal, look) => {
    // Low: nearer to the network than the SDK's own deserializer.
    command.middlewareStack.add((next) => async (args) => look(await next(args)), {
      step: 'deserialize',
      priority: 'low',
      name: 'look',
    })
    return client.send(command, { abortSignal })
  }
}

export const webIdentityCall = (request: WebIdentityRequest): Call => ({
  operation: 'AssumeRoleWithWebIdentity',
  send: sending(
    new AssumeRoleWithWebIdentityCommand({
      ...common(request),
      RoleSessionName: request.roleSessionName,
      WebIdentityToken: request.token,
      ProviderId: request.providerId,
    }),
  ),
  roleArn: request.roleArn,
  secrets: [request.token],
})

export const samlCall = (request: SamlRequest): Call => ({
  operation: 'AssumeRoleWithSAML',
  send: sending(
    new AssumeRoleWithSAMLCommand({
      ...common(request),
      PrincipalArn: request.principalArn,
      SAMLAssertion: request.assertion,
    }),
  ),
  roleArn: request.roleArn,
  secrets: [request.assertion],
})

/** Some treat an external ID as a secret, so it counts as one. */
export const assumeRoleCall = (request: AssumeRoleRequest, keys: SigningKeys): Call => ({
  operation: 'AssumeRole',
  send: sending(
    new AssumeRoleCommand({
      ...common(request),
      RoleSessionName: request.roleSessionName,
      ExternalId: request.externalId,
      Tags: request.tags && [...request.tags].map(([Key, Value]) => ({ Key, Value })),
      SourceIdentity: request.sourceIdentity,
    }),
  ),
  roleArn: request.roleArn,
  secrets: [keys.secretAccessKey, keys.sessionToken, ...(request.externalId === undefined ? [] : [request.externalId])],
  keys: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey, sessionToken: keys.sessionToken },
})

const common = ({ roleArn, durationSeconds, policy, policyArns }: RoleRequest) => ({
  RoleArn: roleArn,
  DurationSeconds: durationSeconds,
  Policy: policy,
  PolicyArns: policyArns?.map((arn) => ({ arn })),
})
