const hidden = '[redacted]'

/** What looks like a JWT, a part of one, an access key id, a secret key or a session token. */
const secretPatterns: readonly RegExp[] = [
  /eyJ[\w-]{4,}(\.[\w-]*)*/g,
  /[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}/g,
  /\b(AKIA|ASIA)[A-Z0-9]{12,}/g,
  /(?=[A-Za-z+/]{0,99}\d)(?=[^A-Z]{0,99}[A-Z])(?=[^a-z]{0,99}[a-z])[A-Za-z0-9+/]{40,}={0,2}/g,
  /[\w-]{80,}/g,
]

/** Foreign text on one line and within `length` characters: without control and format characters, which can forge log lines. */
export function printable(text: string, length = 300): string {
  const plain = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`
}

/** The patterns need quadratic time in the worst case; nobody reads on so far. */
const maxLength = 4_000

/**
 * Foreign text that may quote what we sent (AWS's validation errors do), made fit for logs: `secrets` and whatever looks
 * like a token or a key are taken out before it is cut, so that no half of one remains.
 */
export function redact(text: string, secrets: readonly string[] = [], length = 300): string {
  const whole = printable(text, Number.POSITIVE_INFINITY)
  const plain = whole.length <= maxLength ? whole : whole.slice(0, maxLength).replace(/\S+$/, '')
  // Patterns first: with a part of it hidden, a foreign token would no longer look like one.
  const matched = secretPatterns.reduce((rest, pattern) => rest.replace(pattern, hidden), plain)
  return printable(withoutParts(matched, secrets), length)
}

const partLength = 12

/** Shorter ones may be a word of any message. */
const leastLength = 4

/**
 * Every run of at least twelve characters that also stands in a secret is hidden: a server may quote from its middle.
 * Secrets that are shorter, such as passwords and external IDs, are hidden as a whole.
 */
function withoutParts(whole: string, secrets: readonly string[]): string {
  const text = secrets
    .filter(({ length }) => length >= leastLength && length < partLength)
    .reduce((rest, secret) => rest.replaceAll(secret, hidden), whole)
  const parts = new Set(
    secrets.flatMap((secret) =>
      Array.from({ length: Math.max(0, secret.length - partLength + 1) }, (_, at) => secret.slice(at, at + partLength)),
    ),
  )
  let safe = ''
  let hiddenUntil = 0
  for (let at = 0; at < text.length; at += 1) {
    if (parts.has(text.slice(at, at + partLength))) {
      if (at >= hiddenUntil) safe += hidden
      hiddenUntil = at + partLength
    }
    if (at >= hiddenUntil) safe += text[at]
  }
  return safe
}
