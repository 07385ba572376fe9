import type { IncomingMessage } from 'node:http'
import { Failure } from '../errors/index.ts'
import { answerInvalid } from './explain.ts'

/** The whole body as UTF-8, and no more of it in memory than is allowed. */
export async function readText(response: IncomingMessage, place: string, maxBytes: number): Promise<string> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(place, maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(place, maxBytes)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw answerInvalid(place, 'is no UTF-8 text')
  }
}

const tooLarge = (place: string, maxBytes: number): Failure =>
  new Failure({ code: 'ProviderAnswerTooLarge', message: `the answer of ${place} is longer than ${maxBytes} bytes` })
