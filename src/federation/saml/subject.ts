import type { Instant } from '../../credentials/types.ts'
import { Failure } from '../../errors/index.ts'
import { printable } from '../redact.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, onlyChild, textOf } from './dom.ts'
import { BEARER, NS } from './names.ts'
import { checkWindow } from './times.ts'

/** What the operator says of whom assertions are for. */
export type Addressee = {
  /** The entity ID of the service provider, AWS's as a rule: the Audience. */
  readonly serviceProvider: string
  /** The sign-in URL: the Recipient. */
  readonly recipient: string
}

/**
 * One SubjectConfirmation, by bearer, for our recipient, with an end and no beginning (SAML 2.0 profiles, section 4.1.4.2).
 * Throws Failure SamlConfirmation, SamlRecipient, SamlAnswerForAnother, and of the times.
 */
export function checkSubject(assertion: Element, { recipient }: Addressee, now: Instant, inResponseTo?: string): void {
  const subject = onlyChild(assertion, NS.assertion, 'Subject')
  const confirmation = onlyChild(subject, NS.assertion, 'SubjectConfirmation')
  if (subject === undefined || confirmation === undefined) throw wrong('it has not exactly one SubjectConfirmation')
  const nameId = onlyChild(subject, NS.assertion, 'NameID')
  if (nameId !== undefined && textOf(nameId) === undefined) throw wrong('its NameID holds more than a text')
  if (attributeOf(confirmation, 'Method') !== BEARER) throw wrong('its method is not bearer')
  const data = onlyChild(confirmation, NS.assertion, 'SubjectConfirmationData')
  if (attributeOf(data, 'NotOnOrAfter') === undefined) throw wrong('it has no NotOnOrAfter')
  if (attributeOf(data, 'NotBefore') !== undefined) throw wrong('it has a NotBefore')
  checkRecipient(attributeOf(data, 'Recipient'), recipient)
  checkWindow(data, now)
  const request = attributeOf(data, 'InResponseTo')
  if (inResponseTo === undefined || request === undefined || request === inResponseTo) return
  throw new Failure({ code: 'SamlAnswerForAnother', message: 'the assertion answers another request than ours' })
}

const wrong = (problem: string): Failure =>
  new Failure({ code: 'SamlConfirmation', message: `the subject is not confirmed as it must be: ${problem}` })

function checkRecipient(found: string | undefined, recipient: string): void {
  if (found === recipient) return
  const said = found === undefined ? 'no Recipient' : `the Recipient ${printable(found)}`
  throw new Failure({ code: 'SamlRecipient', message: `the assertion has ${said}, expected ${recipient}` })
}

/** Conditions that are understood; any other makes an assertion void (SAML 2.0 core, section 2.5.1.1). */
const CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']

/** Throws Failure SamlAudience, SamlConditions, and of the times. */
export function checkConditions(assertion: Element, { serviceProvider }: Addressee, now: Instant): void {
  const conditions = onlyChild(assertion, NS.assertion, 'Conditions')
  checkWindow(conditions, now)
  const all = conditions === undefined ? [] : childrenOf(conditions)
  if (!all.every((each) => CONDITIONS.some((name) => isElement(each, NS.assertion, name)))) {
    throw new Failure({ code: 'SamlConditions', message: 'the assertion holds under a condition that is not known' })
  }
  const audiences = all
    .filter((each) => each.localName === 'AudienceRestriction')
    .flatMap((each) => childrenNamed(each, NS.assertion, 'Audience'))
    .map((each) => textOf(each) ?? '')
  if (audiences.length === 1 && audiences[0] === serviceProvider) return
  const found = audiences.length === 0 ? 'no audience' : `the audience ${printable(audiences.join(', '))}`
  throw new Failure({ code: 'SamlAudience', message: `the assertion has ${found}, expected ${serviceProvider} alone` })
}
