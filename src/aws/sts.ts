import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandOutput,
  type STSClient,
} from '@aws-sdk/client-sts'
import type { Instant, Milliseconds } from '../credentials/types.ts'
import type { Sts, StsAnswer, WebIdentityRequest } from '../federation/index.ts'
import { inspectAnswer, type Sighting } from './answer.ts'
import { createClient } from './client.ts'
import { explain } from './explain.ts'
import { checkAuthorities, checkEndpoint, checkRegion, regionalEndpoint } from './settings.ts'
import { startTimer } from './timer.ts'

export type StsOptions = {
  readonly region: string
  /** An https URL; else the region's own endpoint. */
  readonly endpoint?: string | undefined
  /** PEM of the authorities that signed the endpoint's certificate, in place of the public ones. */
  readonly ca?: string | undefined
  /** Until the TCP connection stands. */
  readonly connectTimeout: Milliseconds
  /** Until the whole answer is here. */
  readonly totalTimeout: Milliseconds
  readonly now: () => Instant
  /** Lanyard's own, for the user agent that CloudTrail records. */
  readonly version?: string | undefined
}

/**
 * STS by the AWS SDK: one attempt a call, no credential chain, nothing from the environment or `~/.aws`, https only.
 * Throws Failure SettingInvalid for a region, an endpoint or an authority that cannot be used; its calls throw the
 * Failures of federation's tables.
 */
export function createSts(options: StsOptions): Sts {
  const { connectTimeout, version } = options
  const region = checkRegion(options.region)
  const ca = options.ca === undefined ? undefined : checkAuthorities(options.ca)
  const client = createClient({ region, endpoint: () => endpoint, ca, connectTimeout, version })
  const endpoint = options.endpoint === undefined ? regionalEndpoint(client, region) : checkEndpoint(options.endpoint)
  const caller = { ...options, client, endpoint }
  return { assumeRoleWithWebIdentity: (request, signal) => assumeRole(caller, request, signal) }
}

type Caller = StsOptions & { readonly client: STSClient; readonly endpoint: string }

async function assumeRole(caller: Caller, request: WebIdentityRequest, signal: AbortSignal): Promise<StsAnswer> {
  const { client, endpoint, connectTimeout, totalTimeout, now } = caller
  const command = toCommand(request)
  let seen: Sighting | undefined
  inspectAnswer(command, endpoint, (date) => {
    seen = { date, localTime: now() }
  })
  const timer = startTimer(totalTimeout, signal)
  try {
    const output = await client.send(command, { abortSignal: timer.signal })
    return toAnswer(output, seen ?? { date: undefined, localTime: now() })
  } catch (thrown) {
    const { roleArn, token } = request
    throw explain(thrown, { endpoint, roleArn, token, connectTimeout, totalTimeout, timer, seen })
  } finally {
    timer.stop()
  }
}

function toCommand(request: WebIdentityRequest): AssumeRoleWithWebIdentityCommand {
  return new AssumeRoleWithWebIdentityCommand({
    RoleArn: request.roleArn,
    RoleSessionName: request.roleSessionName,
    WebIdentityToken: request.token,
    DurationSeconds: request.durationSeconds,
    Policy: request.policy,
    PolicyArns: request.policyArns?.map((arn) => ({ arn })),
  })
}

function toAnswer(output: AssumeRoleWithWebIdentityCommandOutput, sighting: Sighting): StsAnswer {
  return {
    accessKeyId: output.Credentials?.AccessKeyId,
    secretAccessKey: output.Credentials?.SecretAccessKey,
    sessionToken: output.Credentials?.SessionToken,
    expires: output.Credentials?.Expiration?.getTime(),
    assumedRoleArn: output.AssumedRoleUser?.Arn,
    ...sighting,
  }
}
