/** So few characters of a secret in a row are chance; more are a leak. */
const LEAST = 16

/**
 * Finds parts of secrets in what was put out: as they are, in base64 and base64url at any alignment, percent-encoded,
 * and escaped as in JSON.
 */
export function secretFinder(secrets: Iterable<string>): (text: string) => string[] {
  const grams = new Set<string>()
  for (const form of [...secrets].flatMap(formsOf))
    for (let at = 0; at + LEAST <= form.length; at += 1) grams.add(form.slice(at, at + LEAST))
  return (text) => {
    const found: string[] = []
    for (let at = 0; at + LEAST <= text.length; at += 1) {
      if (!grams.has(text.slice(at, at + LEAST))) continue
      found.push(text.slice(Math.max(0, at - 80), at + 80))
      at += 160
    }
    return found
  }
}

function formsOf(secret: string): string[] {
  if (secret.length < LEAST) throw new Error('a secret that short cannot be looked for')
  const bytes = Buffer.from(secret)
  const encoded = [0, 1, 2].flatMap((skipped) => {
    // The last characters depend on what follows the secret.
    const whole = bytes.subarray(skipped, skipped + Math.floor((bytes.length - skipped) / 3) * 3)
    return [whole.toString('base64'), whole.toString('base64url')]
  })
  return [secret, ...encoded, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), bytes.toString('hex')]
}
