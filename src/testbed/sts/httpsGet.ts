import { get } from 'node:https'

const timeout = 5_000
const sizeLimit = 256 * 1024

/** Whom to trust, and what to show. */
export type Access = { ca?: string; headers?: Record<string, string> }

/** Not the network's fault: the answer is larger than anything of use. */
export class AnswerTooLarge extends Error {}

/**
 * One GET over https, on a connection of its own, without redirects: an address is configuration, not what an answer
 * says.
 * @throws AnswerTooLarge; the error of node:https, with a `code`.
 */
export function httpsGet(url: string, access: Access): Promise<{ status: number; text: string }> {
  const options = { ...access, signal: AbortSignal.timeout(timeout), agent: false as const }
  return new Promise((resolve, reject) => {
    get(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('error', reject)
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > sizeLimit) response.destroy(new AnswerTooLarge())
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    }).on('error', reject)
  })
}

/** Whether a connection came about and its certificate is not trusted, which is no matter of reachability. */
export function isCertificateError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code)
}
