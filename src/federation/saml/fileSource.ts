import { Failure } from '../../errors/index.ts'
import { readOrFail } from './readFile.ts'
import { MOST_BASE64 } from './readResponse.ts'
import type { ResponseSource, SourceParts } from './source.ts'

const CODES = { missing: 'SamlFileMissing', unreadable: 'SamlFileUnreadable' } as const

/**
 * A response that another container of the pod keeps fresh in a file: base64 as a browser would post it (SAML 2.0 bindings,
 * section 3.5.4), or the XML itself. Read anew at every attempt. Throws Failure SamlFileMissing, SamlFileUnreadable,
 * SamlFileEmpty, SamlTooLarge, SamlNotText.
 */
export function fileSource(path: string, { read }: Pick<SourceParts, 'read'>): ResponseSource {
  return async (signal) => {
    const content = (await readOrFail(read, path, CODES, signal)).trim()
    if (content === '') throw new Failure({ code: 'SamlFileEmpty', message: `${path} is empty` })
    if (content.length > MOST_BASE64) {
      const message = `${path} holds ${content.length} characters, more than the ${MOST_BASE64} that STS takes`
      throw new Failure({ code: 'SamlTooLarge', message })
    }
    return { xml: isXml(content) ? content : decode(content, path), from: path, isFile: true }
  }
}

const isXml = (content: string): boolean => /^\uFEFF?\s*</.test(content)

/** RFC 4648, section 4; lines may be broken. */
function decode(content: string, path: string): string {
  const text = content.replace(/\s+/g, '')
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
  if (!isBase64) throw notText(path, 'neither XML nor base64')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    throw notText(path, 'base64 of what is no UTF-8')
  }
}

const notText = (path: string, what: string): Failure =>
  new Failure({ code: 'SamlNotText', message: `the content of ${path} is ${what}` })
