import { checkSize, invalidAnswer, type Question } from '../federation/index.ts'
import { chunkedBody, endlessBody, type HttpBody, type Keep, sizedBody } from './httpBody.ts'
import { type HttpHead, headReader } from './httpHead.ts'

/** The answer to the one request of a connection. */
export type HttpAnswer = HttpHead & {
  /** As UTF-8. */
  readonly body: string
}

/** Collects an answer from what comes. Both throw Failure StsAnswerInvalid for what is no HTTP, and for what is too long. */
export type HttpReader = {
  /** The answer, once it is whole. */
  readonly take: (bytes: Buffer) => HttpAnswer | undefined
  /** The server sends no more: the answer, where it is whole by that; nothing where it broke off. */
  readonly end: () => HttpAnswer | undefined
}

export function readHttp(question: Question): HttpReader {
  const heads = headReader()
  const pieces: Buffer[] = []
  let size = 0
  let head: HttpHead | undefined
  let body: HttpBody | undefined

  const keep: Keep = (piece) => {
    size += piece.length
    checkSize(size, question)
    pieces.push(piece)
  }
  const sound = <T>(part: T | undefined): T => {
    if (part === undefined) throw invalidAnswer(`${question.endpoint} answered with something else than HTTP`)
    return part
  }
  const whole = (): HttpAnswer | undefined => head && { ...head, body: Buffer.concat(pieces).toString('utf8') }

  const take = (bytes: Buffer): HttpAnswer | undefined => {
    let rest: Buffer = bytes
    if (body === undefined) {
      const read = sound(heads(bytes))
      if (read === 'more') return undefined
      head = read.head
      body = sound(bodyOf(read.head, keep))
      rest = read.rest
    }
    return sound(body.take(rest)) ? whole() : undefined
  }
  return { take, end: () => (body?.end() ? whole() : undefined) }
}

/** RFC 9112, section 6.3; nothing where the length is ambiguous, or the encoding one that was not asked for. */
function bodyOf({ status, headers }: HttpHead, keep: Keep): HttpBody | undefined {
  const [coding, length] = [headers.get('transfer-encoding'), headers.get('content-length')]
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity' || (coding !== undefined && length !== undefined)) return undefined
  if (status === 204 || status === 304) return sizedBody(0, keep)
  if (coding !== undefined) return coding.toLowerCase() === 'chunked' ? chunkedBody(keep) : undefined
  if (length === undefined) return endlessBody(keep)
  return /^\d{1,9}$/.test(length) ? sizedBody(Number(length), keep) : undefined
}
