import { STSServiceException } from '@aws-sdk/client-sts'
import type { Failure } from '../errors/index.ts'
import {
  type Attempt,
  explainAttempt,
  measureSkew,
  type Sighting,
  type StsError,
  textOf,
  toStsFailure,
  unreadable,
} from '../federation/index.ts'

type Circumstances = Attempt & {
  /** Undefined when no answer came. */
  readonly seen: Sighting | undefined
}

/** Any throw as a Failure. The SDK's errors hold the raw answer, so none is kept as a cause. */
export const explain = (thrown: unknown, circumstances: Circumstances): Failure =>
  explainAttempt(ofAnswer(thrown, circumstances) ?? thrown, circumstances)

/** What the answer says, or that it cannot be read; undefined where it is not at fault. */
function ofAnswer(thrown: unknown, circumstances: Circumstances): Failure | undefined {
  const { operation, endpoint, roleArn, secrets, seen } = circumstances
  if (thrown instanceof STSServiceException) {
    const skew = seen === undefined ? 0 : measureSkew(seen.date, seen.localTime)
    return toStsFailure({ operation, endpoint, roleArn, ...readException(thrown), skew, secrets })
  }
  return seen !== undefined && textOf(thrown, 'code') === undefined ? unreadable(circumstances) : undefined
}

/** What the SDK says for a server that says nothing, as Ceph. */
const saidNothing = /^Unknown(Error)?$/

/** The server decides what stands there, and it need not be text. */
function readException(thrown: STSServiceException): Omit<StsError, 'operation' | 'endpoint' | 'roleArn'> {
  const { httpStatusCode = 0, requestId } = thrown.$metadata
  const wire = 'Error' in thrown ? textOf(thrown.Error, 'Code') : undefined
  return {
    awsCode: wire ?? textOf(thrown, 'name') ?? 'Unknown',
    message: saidNothing.test(thrown.message) ? '' : (textOf(thrown, 'message') ?? ''),
    httpStatus: httpStatusCode,
    requestId: requestId ?? textOf(thrown, 'RequestId'),
  }
}
