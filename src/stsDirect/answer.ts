import type { Instant } from '../credentials/types.ts'
import {
  type Attempt,
  checkDocument,
  measureSkew,
  parseDate,
  type StsAnswer,
  toStsFailure,
  unreadable,
} from '../federation/index.ts'
import type { HttpAnswer } from './httpAnswer.ts'
import { childOf, type Element, readXml } from './xml.ts'

/** Where servers say which request it was. */
const REQUEST_IDS = ['x-amzn-requestid', 'x-amzn-request-id', 'x-amz-request-id']

/** What STS answered, not judged yet. Throws Failure for an error of STS, and for what STS cannot have sent. */
export function readAnswer(answer: HttpAnswer, attempt: Attempt, localTime: Instant): StsAnswer {
  const { status, headers, body } = answer
  const root = readXml(checkDocument(body, status, attempt).text)
  if (root === undefined) throw unreadable(attempt)
  const text = (from: Element | undefined, name: string): string | undefined => textIn(from, name, attempt)
  const date = parseDate(headers.get('date'))
  if (status >= 300) {
    // Ceph sends S3's form of an error, which is the inner part of STS's.
    const error = root.name === 'Error' ? root : childOf(root, 'Error')
    const named = REQUEST_IDS.map((name) => headers.get(name)).find((id) => id !== undefined)
    throw toStsFailure({
      ...attempt,
      awsCode: text(error, 'Code') ?? 'Unknown',
      message: text(error, 'Message') ?? '',
      httpStatus: status,
      requestId: named ?? text(root, 'RequestId') ?? text(error, 'RequestId'),
      skew: measureSkew(date, localTime),
    })
  }
  const result = childOf(root, `${attempt.operation}Result`)
  const credentials = childOf(result, 'Credentials')
  return {
    accessKeyId: text(credentials, 'AccessKeyId'),
    secretAccessKey: text(credentials, 'SecretAccessKey'),
    sessionToken: text(credentials, 'SessionToken'),
    expires: instantOf(text(credentials, 'Expiration'), attempt),
    assumedRoleArn: text(childOf(result, 'AssumedRoleUser'), 'Arn'),
    date,
    localTime,
  }
}

function textIn(from: Element | undefined, name: string, attempt: Attempt): string | undefined {
  const found = childOf(from, name)
  if (found !== undefined && found.children.length > 0) throw unreadable(attempt)
  return found?.text
}

/** RFC 3339, section 5.6; a fraction finer than milliseconds is cut. */
const timestamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:(\.\d{1,3})\d*)?(Z|[+-]\d\d:\d\d)$/

function instantOf(text: string | undefined, attempt: Attempt): Instant | undefined {
  if (text === undefined) return undefined
  const [, seconds, fraction = '', zone] = timestamp.exec(text) ?? []
  const instant = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${fraction}${zone}`)
  if (Number.isNaN(instant)) throw unreadable(attempt)
  return instant
}
