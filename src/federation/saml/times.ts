import type { Instant, Milliseconds } from '../../credentials/types.ts'
import { Failure } from '../../errors/index.ts'
import { attributeOf } from './dom.ts'

/** How far the clocks of the pod and of the identity provider may be apart. */
export const CLOCK_SKEW: Milliseconds = 30_000
/** STS API, AssumeRoleWithSAML: an assertion is redeemed within five minutes of its issuance. */
const MOST_AGE: Milliseconds = 300_000

/** SAML 2.0 core, section 1.3.3: xs:dateTime in UTC. */
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?Z$/

/** When an attribute says; undefined where it is not there. Throws Failure SamlTime. */
export function instantOf(element: Element | undefined, name: string): Instant | undefined {
  const text = attributeOf(element, name)
  if (text === undefined) return undefined
  const instant = UTC.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(instant)) return instant
  throw new Failure({ code: 'SamlTime', message: `${name} is no point in time in UTC` })
}

/** Throws Failure SamlTime, SamlFromFuture, SamlTooOld. */
export function checkAge(assertion: Element, now: Instant): Instant {
  const issued = instantOf(assertion, 'IssueInstant')
  if (issued === undefined) throw new Failure({ code: 'SamlTime', message: 'the assertion has no IssueInstant' })
  if (issued > now + CLOCK_SKEW) throw timely('SamlFromFuture', 'was issued at', issued, now)
  if (issued < now - MOST_AGE - CLOCK_SKEW) throw timely('SamlTooOld', 'was issued at', issued, now)
  return issued
}

/** NotBefore, and NotOnOrAfter by this name, where they are there. Throws Failure SamlTime, SamlNotYetValid, SamlExpired. */
export function checkWindow(element: Element | undefined, now: Instant, until = 'NotOnOrAfter'): void {
  const from = instantOf(element, 'NotBefore')
  if (from !== undefined && now < from - CLOCK_SKEW) throw timely('SamlNotYetValid', 'is valid from', from, now)
  const end = instantOf(element, until)
  if (end !== undefined && now >= end + CLOCK_SKEW) throw timely('SamlExpired', `ended (${until}) at`, end, now)
}

function timely(
  code: 'SamlFromFuture' | 'SamlTooOld' | 'SamlNotYetValid' | 'SamlExpired',
  what: string,
  at: Instant,
  now: Instant,
): Failure {
  return new Failure({ code, message: `the assertion ${what} ${isoTime(at)}, and it is ${isoTime(now)} now` })
}

const isoTime = (instant: Instant): string => new Date(instant).toISOString()
