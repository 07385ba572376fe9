import { createHash } from 'node:crypto'

/** What a session name can be made of. */
export type SessionNameParts = {
  readonly namespace: string
  readonly pod: string
  readonly serviceaccount: string
  readonly container: string
}

/** STS API, RoleSessionName: 2 to 64 characters of `[\w+=,.@-]`. */
const minLength = 2
const maxLength = 64

/**
 * Renders the template over `{namespace} {pod} {serviceaccount} {container}` to a valid RoleSessionName. The same input
 * gives the same name, so it survives a restart. A name that is too long is cut and gets a hash of the whole, for what
 * tells pods apart stands at its end.
 */
export function renderSessionName(template: string, parts: SessionNameParts): string {
  const known = new Map<string, string>(Object.entries(parts))
  const whole = template.replace(/\{(\w+)\}/g, (placeholder, key: string) => known.get(key) ?? placeholder)
  const name = whole.replace(/[^A-Za-z0-9_+=,.@-]/g, '-')
  if (name.length >= minLength && name.length <= maxLength) return name
  const suffix = `-${hash(whole)}`
  return `${name.slice(0, maxLength - suffix.length)}${suffix}`
}

/** 96 bits of SHA-256: nobody can make two names that are cut to the same, which CloudTrail could not tell apart. */
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16)
