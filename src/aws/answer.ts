import type { Instant } from '../credentials/types.ts'
import { foreignAnswer, invalidAnswer, type StsOperation } from '../federation/index.ts'

/** What is seen of an answer before the SDK reads it. */
export type Sighting = { readonly date: Instant | undefined; readonly localTime: Instant }

type RawResponse = { statusCode: number; headers: Record<string, string>; body: unknown }

/** What is asked, and whom. */
export type Question = { readonly operation: StsOperation; readonly endpoint: string }

/** STS's answers are about 2 kB long. */
const maxBody = 65_536

/** Is handed each answer before the SDK reads it, errors too, and hands it on. */
export type Look = <T extends { readonly response: unknown }>(result: T) => Promise<T>

/**
 * Notes the clocks of an answer, caps its body, and refuses what STS cannot have sent, for the SDK would make empty
 * credentials of a captive portal's page.
 */
export function inspectAnswer(question: Question, see: (date: Instant | undefined) => void): Look {
  return async (result) => {
    const response = result.response as RawResponse
    see(parseDate(response.headers['date']))
    response.body = checkBody(await readBody(response.body, question), response.statusCode, question)
    return result
  }
}

/** RFC 9110, section 6.6.1. */
function parseDate(header: string | undefined): Instant | undefined {
  const date = Date.parse(header ?? '')
  return Number.isNaN(date) ? undefined : date
}

async function readBody(body: unknown, { endpoint }: Question): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBody) throw invalidAnswer(`the answer of ${endpoint} is longer than ${maxBody} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function checkBody(body: string, status: number, { operation, endpoint }: Question): Uint8Array {
  const root = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*<([\w:]+)[\s>]/.exec(body)?.[1]
  const expected = status < 300 ? root === `${operation}Response` : root === 'ErrorResponse' || root === 'Error'
  if (status >= 300 && status < 400) throw invalidAnswer(`${endpoint} redirects (HTTP ${status}), which STS never does`)
  if (!expected) {
    throw foreignAnswer(status, `${endpoint} answered HTTP ${status} with something else than the XML of STS`)
  }
  // What may stand before the root (a declaration, a byte order mark) the SDK need not see.
  const document = body.slice(body.indexOf(`<${root}`))
  // Ceph sends S3's form of an error, which the SDK does not know here.
  return Buffer.from(root === 'Error' ? `<ErrorResponse>${document}</ErrorResponse>` : document)
}
