import type { ServerResponse } from 'node:http'
import type { Dialect } from './dialects.ts'
import type { StsFailure } from './failure.ts'
import type { Fault } from './faults.ts'
import type { XmlElement } from './xml.ts'
import { renderXml, replaceElement } from './xml.ts'

/** An answer before it is sent. */
export type Reply = { status: number; contentType: string; body: string }

const xml = 'text/xml'

/** The answer of an action that succeeded. */
export function succeed(action: string, content: readonly XmlElement[], requestId: string, fault?: Fault): Reply {
  const document: XmlElement = [
    `${action}Response`,
    [
      [`${action}Result`, content],
      ['ResponseMetadata', [['RequestId', requestId]]],
    ],
  ]
  return { status: 200, contentType: xml, body: fault?.kind === 'lies' ? lie(document, fault) : renderXml(document) }
}

/** The answer of a request that failed. */
export function fail(failure: StsFailure, requestId: string, { errors }: Pick<Dialect, 'errors'>): Reply {
  if (errors === 'bare') return failBare(failure, requestId)
  const error: XmlElement = [
    'Error',
    [
      ['Type', failure.type],
      ['Code', failure.code],
      ['Message', failure.message],
    ],
  ]
  const body = renderXml(['ErrorResponse', [error, ['RequestId', requestId]]])
  return { status: failure.status, contentType: xml, body }
}

/** As an S3 server writes it: no wrapper, no namespace, and often no message. */
function failBare({ code, message, status }: StsFailure, requestId: string): Reply {
  const content: XmlElement[] = [
    ['Code', code],
    ['Message', message],
    ['RequestId', requestId],
    ['HostId', 'testbed'],
  ]
  const body = `<?xml version="1.0" encoding="UTF-8"?>${renderXml(['Error', content], '')}`
  return { status, contentType: 'application/xml', body }
}

/** What a proxy in between would say. */
export function htmlPage(status: 200 | 502): Reply {
  const title = status === 200 ? 'Welcome' : '502 Bad Gateway'
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
  return { status, contentType: 'text/html; charset=utf-8', body }
}

function lie(document: XmlElement, fault: Fault & { kind: 'lies' }): string {
  switch (fault.lie) {
    case 'missingFields': {
      const { fields = ['SecretAccessKey'] } = fault
      return renderXml(fields.reduce((reduced, field) => replaceElement(reduced, field, undefined), document))
    }
    case 'garbageExpiration':
      return renderXml(replaceElement(document, 'Expiration', 'tomorrow, perhaps'))
    case 'alreadyExpired':
      return renderXml(replaceElement(document, 'Expiration', '2011-07-15T23:28:33Z'))
    case 'truncated': {
      const whole = renderXml(document)
      return whole.slice(0, whole.length / 2)
    }
  }
}

/** When it is sent and what it is called. */
type SendOptions = {
  requestId: string /** Epoch milliseconds. */
  now: number /** See the fault. */
  slowBody?: number
}

/** Sends an answer with the headers that STS gives; the Date is the given time's, not the machine's. */
export function send(response: ServerResponse, reply: Reply, { requestId, now, slowBody }: SendOptions): void {
  const body = Buffer.from(reply.body)
  response.writeHead(reply.status, {
    'x-amzn-RequestId': requestId,
    'Content-Type': reply.contentType,
    'Content-Length': body.length,
    Date: new Date(now).toUTCString(),
  })
  if (slowBody === undefined) {
    response.end(body)
    return
  }
  const half = Math.floor(body.length / 2)
  response.write(body.subarray(0, half))
  if (Number.isFinite(slowBody)) setTimeout(() => response.end(body.subarray(half)), slowBody).unref()
}
