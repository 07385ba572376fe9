import { STSServiceException } from '@aws-sdk/client-sts'
import type { Milliseconds } from '../credentials/types.ts'
import { Failure, toFailure } from '../errors/index.ts'
import { invalidAnswer, measureSkew, type StsError, toNetworkFailure, toStsFailure } from '../federation/index.ts'
import type { Question, Sighting } from './answer.ts'
import type { Timer } from './timer.ts'

type Circumstances = Question & {
  readonly roleArn: string
  /** What was sent and must not come back. */
  readonly secrets: readonly string[]
  readonly connectTimeout: Milliseconds
  readonly totalTimeout: Milliseconds
  readonly timer: Timer
  /** Undefined when no answer came. */
  readonly seen: Sighting | undefined
}

/** Any throw as a Failure. The SDK's errors hold the raw answer, so none is kept as a cause. */
export function explain(thrown: unknown, circumstances: Circumstances): Failure {
  const { operation, endpoint, roleArn, secrets, timer, seen } = circumstances
  if (timer.signal.aborted) return outOfTime(circumstances)
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof STSServiceException) {
    const skew = seen === undefined ? 0 : measureSkew(seen.date, seen.localTime)
    return toStsFailure({ operation, endpoint, roleArn, ...readException(thrown), skew, secrets })
  }
  const code = property(thrown, 'code')
  if (seen !== undefined && code === undefined) {
    return invalidAnswer(`${endpoint} answered with XML that does not parse as an answer of STS`)
  }
  return offNetwork(thrown, code, circumstances)
}

function outOfTime({ endpoint, roleArn, timer, totalTimeout }: Circumstances): Failure {
  const detail = timer.expired() ? `no answer within ${totalTimeout} ms` : 'no answer before the attempt was given up'
  return toNetworkFailure({ endpoint, roleArn, reason: 'TimeoutError', detail }) ?? toFailure(undefined)
}

function offNetwork(thrown: unknown, code: string | undefined, circumstances: Circumstances): Failure {
  const { endpoint, roleArn, connectTimeout } = circumstances
  const reason = code ?? property(thrown, 'name') ?? ''
  // The SDK's handler has one timer left: that of the connection.
  const detail = reason === 'TimeoutError' ? `no connection within ${connectTimeout} ms` : undefined
  return toNetworkFailure({ endpoint, roleArn, reason, detail }) ?? toFailure(thrown)
}

/** What the SDK says for a server that says nothing, as Ceph. */
const saidNothing = /^Unknown(Error)?$/

/** The server decides what stands there, and it need not be text. */
function readException(thrown: STSServiceException): Omit<StsError, 'operation' | 'endpoint' | 'roleArn'> {
  const { httpStatusCode = 0, requestId } = thrown.$metadata
  const wire = 'Error' in thrown ? property(thrown.Error, 'Code') : undefined
  return {
    awsCode: wire ?? property(thrown, 'name') ?? 'Unknown',
    message: saidNothing.test(thrown.message) ? '' : (property(thrown, 'message') ?? ''),
    httpStatus: httpStatusCode,
    requestId: requestId ?? property(thrown, 'RequestId'),
  }
}

function property(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' ? found : undefined
}
