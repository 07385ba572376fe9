import type { STSClient } from '@aws-sdk/client-sts'
import type { Instant, Milliseconds } from '../credentials/types.ts'
import {
  checkAuthorities,
  checkRegion,
  chooseEndpoint,
  type EndpointKind,
  measureSkew,
  type Sighting,
  type SigningKeys,
  type Sts,
  type StsAnswer,
  type StsOptions,
  startTimer,
} from '../federation/index.ts'
import { inspectAnswer } from './answer.ts'
import { createAgent, createClient } from './client.ts'
import { type Answered, assumeRoleCall, type Call, samlCall, webIdentityCall } from './commands.ts'
import { explain } from './explain.ts'

/**
 * STS by the AWS SDK: one attempt a call, no credential chain, nothing from the environment or `~/.aws`, https only.
 * Throws Failure SettingInvalid for a region, an endpoint or an authority that cannot be used; its calls throw the
 * Failures of federation's tables.
 */
export function createSts(options: StsOptions): Sts {
  const ca = options.ca === undefined ? undefined : checkAuthorities(options.ca, 'STS certificate authority')
  const parts = {
    region: checkRegion(options.region),
    endpoint: () => endpoint,
    agent: createAgent({ ...options, ca }),
    connectTimeout: options.connectTimeout,
    version: options.version,
  }
  const client = createClient(parts)
  const endpoint = chooseEndpoint(rulesOf(client), options)
  const clock: Clock = { now: options.now, skew: 0 }
  const clientFor = (keys: SigningKeys | undefined): STSClient =>
    keys === undefined ? client : createClient({ ...parts, signing: { keys, clockOffset: clockOffset(clock) } })
  const caller: Caller = { ...options, endpoint, clock, clientFor }
  return {
    assumeRoleWithWebIdentity: (request, signal) => send(caller, webIdentityCall(request), signal),
    assumeRoleWithSaml: (request, signal) => send(caller, samlCall(request), signal),
    assumeRole: (request, keys, signal) => send(caller, assumeRoleCall(request, keys), signal),
  }
}

/** The SDK's own rules, which know each partition. */
export const rulesOf =
  (client: STSClient) =>
  ({ region, fips, dualStack }: EndpointKind): string => {
    const parameters = { Region: region, UseDualStack: dualStack, UseFIPS: fips, UseGlobalEndpoint: false }
    return client.config.endpointProvider(parameters).url.href
  }

/** What time it is for STS, as far as its latest answer told: signatures bear a date, and an old one is refused. */
type Clock = { readonly now: () => Instant; skew: Milliseconds }

/** The SDK dates signatures by the process's clock, which need not be the one that is given here. */
const clockOffset = ({ now, skew }: Clock): Milliseconds => now() + skew - Date.now()

type Caller = Omit<StsOptions, 'endpoint'> & {
  readonly endpoint: string
  readonly clock: Clock
  readonly clientFor: (keys: SigningKeys | undefined) => STSClient
}

async function send(caller: Caller, call: Call, signal: AbortSignal): Promise<StsAnswer> {
  const { endpoint, clock, totalTimeout, now } = caller
  const { operation, roleArn, secrets } = call
  let seen: Sighting | undefined
  const look = inspectAnswer({ operation, endpoint }, (date) => {
    seen = { date, localTime: now() }
    clock.skew = measureSkew(date, seen.localTime)
  })
  const timer = startTimer(totalTimeout, signal)
  try {
    const output = await call.send(caller.clientFor(call.keys), timer.signal, look)
    return toAnswer(output, seen ?? { date: undefined, localTime: now() })
  } catch (thrown) {
    const { connectTimeout } = caller
    throw explain(thrown, { operation, endpoint, roleArn, secrets, connectTimeout, totalTimeout, timer, seen })
  } finally {
    timer.stop()
  }
}

function toAnswer({ Credentials, AssumedRoleUser }: Answered, sighting: Sighting): StsAnswer {
  return {
    accessKeyId: Credentials?.AccessKeyId,
    secretAccessKey: Credentials?.SecretAccessKey,
    sessionToken: Credentials?.SessionToken,
    expires: Credentials?.Expiration?.getTime(),
    assumedRoleArn: AssumedRoleUser?.Arn,
    ...sighting,
  }
}
