import type { Instant } from '../../credentials/types.ts'
import { escapeXml } from './dom.ts'
import { NS, SUCCESS } from './names.ts'

type Wrapping = {
  /** A document of its own, not an octet of it changed: it is signed. */
  readonly assertion: string
  readonly issuer: string
  readonly recipient: string
  /** An ID of XML. */
  readonly id: string
  readonly now: Instant
}

/**
 * A response around a bare assertion. STS takes what a browser would post to the sign-in URL: a samlp:Response (SAML 2.0 core,
 * section 3.3.3) with an ID, version, instant, status Success and the assertion in it; the signature of the assertion is enough
 * for it, and nobody could sign the response but the issuer.
 */
export function wrapAssertion({ assertion, issuer, recipient, id, now }: Wrapping): string {
  return (
    `<samlp:Response xmlns:samlp="${NS.protocol}" ID="${id}" Version="2.0" IssueInstant="${new Date(now).toISOString()}"` +
    ` Destination="${escapeXml(recipient)}"><saml:Issuer xmlns:saml="${NS.assertion}">${escapeXml(issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status>${assertion}</samlp:Response>`
  )
}
