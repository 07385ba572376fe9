import type { Instant } from '../credentials/types.ts'
import { checkDocument, checkSize, parseDate, type Question } from '../federation/index.ts'

type RawResponse = { statusCode: number; headers: Record<string, string>; body: unknown }

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
    const { root, text } = checkDocument(await readBody(response.body, question), response.statusCode, question)
    // Ceph sends S3's form of an error, which the SDK does not know here.
    response.body = Buffer.from(root === 'Error' ? `<ErrorResponse>${text}</ErrorResponse>` : text)
    return result
  }
}

async function readBody(body: unknown, question: Question): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    checkSize(size, question)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
