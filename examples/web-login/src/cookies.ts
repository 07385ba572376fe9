import type { Request, Response } from 'express'

/** A cookie that scripts do not see, other sites' forms do not send, and other hosts cannot set. */
export type Cookie = {
  read(request: Request): string | undefined
  /** For as long as the browser runs. */
  write(response: Response, value: string): void
  clear(response: Response): void
}

/** `__Host-`: browsers take it only with Secure, for this very host (RFC 6265bis, section 4.1.3.2). */
export function createCookie(name: string, secure: boolean): Cookie {
  const full = secure ? `__Host-${name}` : name
  const attributes = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const
  return {
    read: (request) => {
      const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
      return pairs.find((pair) => pair.startsWith(`${full}=`))?.slice(full.length + 1)
    },
    write: (response, value) => void response.cookie(full, value, attributes),
    clear: (response) => void response.clearCookie(full, attributes),
  }
}
