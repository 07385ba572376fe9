import { GetCallerIdentityCommand, STSServiceException } from '@aws-sdk/client-sts'
import { Failure } from '../errors/index.ts'
import {
  checkAuthorities,
  checkRegion,
  chooseEndpoint,
  printable,
  type SigningKeys,
  type StsOptions,
  startTimer,
  toNetworkFailure,
} from '../federation/index.ts'
import { inspectAnswer } from './answer.ts'
import { createAgent, createClient } from './client.ts'
import { rulesOf } from './sts.ts'

/**
 * Asks STS whose credentials these are (STS API, GetCallerIdentity), which nobody can be forbidden to ask: one attempt.
 * Rejects with a Failure: that of the network, or StsAnswerInvalid where STS names nobody or refuses what it has given.
 */
export async function callerIdentity(options: StsOptions, keys: SigningKeys, signal: AbortSignal): Promise<string> {
  const ca = options.ca === undefined ? undefined : checkAuthorities(options.ca, 'STS certificate authority')
  const client = createClient({
    region: checkRegion(options.region),
    endpoint: () => endpoint,
    agent: createAgent({ ...options, ca }),
    connectTimeout: options.connectTimeout,
    version: options.version,
    signing: { keys, clockOffset: 0 },
  })
  const endpoint = chooseEndpoint(rulesOf(client), options)
  const command = new GetCallerIdentityCommand({})
  const look = inspectAnswer({ operation: 'GetCallerIdentity', endpoint }, () => {})
  command.middlewareStack.add((next) => async (args) => look(await next(args)), {
    step: 'deserialize',
    priority: 'low',
    name: 'look',
  })
  const timer = startTimer(options.totalTimeout, signal)
  try {
    const { Arn: arn } = await client.send(command, { abortSignal: timer.signal })
    if (arn !== undefined) return printable(arn)
    throw refused('it names nobody')
  } catch (thrown) {
    throw explain(thrown, endpoint)
  } finally {
    timer.stop()
    client.destroy()
  }
}

/** What STS says of credentials may quote them, so only its code is told. */
function explain(thrown: unknown, endpoint: string): Failure {
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof STSServiceException) return refused(`it refuses them (${printable(thrown.name)})`)
  const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'TimeoutError'
  return toNetworkFailure({ endpoint, roleArn: 'GetCallerIdentity', reason }) ?? refused('there is no answer')
}

const refused = (message: string): Failure =>
  new Failure({
    code: 'StsAnswerInvalid',
    field: 'GetCallerIdentity',
    message: `STS was asked whose the credentials are that it has just given: ${message}`,
  })
