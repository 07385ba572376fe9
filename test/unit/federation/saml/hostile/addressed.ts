/** Assertions that are good, but not now, not for us, or not for this. */
import { buildResponse } from '../../../../support/samlXml.ts'
import { noon } from '../../support.ts'
import { recipient, serviceProvider } from '../support.ts'
import {
  around,
  assertionOf,
  type Edit,
  fields,
  good,
  type Hostile,
  replace,
  signed,
  tampered,
  unsigned,
  written,
} from './making.ts'

const time = (at: number): string => new Date(at).toISOString()
const minutes = (count: number): number => count * 60_000
const confirmed = (attributes: string): Edit =>
  replace(/<saml:SubjectConfirmationData [^>]*>/, `<saml:SubjectConfirmationData ${attributes}/>`)
const soon = `NotOnOrAfter="${time(noon + minutes(5))}"`
const audience = (content: string): Edit =>
  replace(/<saml:AudienceRestriction>.*?<\/saml:AudienceRestriction>/, content)
const restriction = (...names: readonly string[]): string =>
  `<saml:AudienceRestriction>${names.map((name) => `<saml:Audience>${name}</saml:Audience>`).join('')}</saml:AudienceRestriction>`

export const addressed: readonly Hostile[] = [
  [
    'expired conditions',
    'SamlExpired',
    written(
      replace(
        /(<saml:Conditions [^>]*NotOnOrAfter=)"[^"]*"/,
        `<saml:Conditions NotOnOrAfter="${time(noon - minutes(1))}"`,
      ),
    ),
  ],
  [
    'an expired confirmation',
    'SamlExpired',
    written(confirmed(`NotOnOrAfter="${time(noon - minutes(1))}" Recipient="${recipient}"`)),
  ],
  ['an expired session', 'SamlExpired', signed({ sessionEnds: -60 })],
  ['not yet valid', 'SamlNotYetValid', written(replace(/NotBefore="[^"]*"/, `NotBefore="${time(noon + minutes(2))}"`))],
  ['6 minutes old', 'SamlTooOld', signed({ now: noon - minutes(6) })],
  [
    'issued in the future',
    'SamlFromFuture',
    written(
      replace(
        /(<saml:Assertion [^>]*)IssueInstant="[^"]*"/,
        `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion" Version="2.0" IssueInstant="${time(noon + minutes(2))}"`,
      ),
    ),
  ],
  ['a time that is none', 'SamlTime', written(replace(/NotBefore="[^"]*"/, 'NotBefore="tomorrow"'))],
  [
    'a time of another zone',
    'SamlTime',
    written(replace(/NotBefore="[^"]*"/, 'NotBefore="2026-01-01T12:00:00+14:00"')),
  ],
  [
    'no IssueInstant',
    'SamlTime',
    written(
      replace(
        /(<saml:Assertion [^>]*) IssueInstant="[^"]*"/,
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion" Version="2.0"',
      ),
    ),
  ],
  ['another audience', 'SamlAudience', signed({ audiences: ['https://other.example.com'] })],
  ['an audience that begins like ours', 'SamlAudience', signed({ audiences: [`${serviceProvider}.attacker`] })],
  ['several audiences', 'SamlAudience', signed({ audiences: [serviceProvider, 'https://other.example.com'] })],
  [
    'several restrictions',
    'SamlAudience',
    written(audience(restriction(serviceProvider) + restriction('https://other.example.com'))),
  ],
  ['no audience', 'SamlAudience', written(audience(''))],
  ['no conditions', 'SamlAudience', written(replace(/<saml:Conditions.*<\/saml:Conditions>/, ''))],
  [
    'a condition that nobody knows',
    'SamlConditions',
    written(replace('<saml:AudienceRestriction>', '<saml:OnTuesdays/><saml:AudienceRestriction>')),
  ],
  ['another recipient', 'SamlRecipient', written(confirmed(`${soon} Recipient="https://attacker.example.com/saml"`))],
  ['no recipient', 'SamlRecipient', written(confirmed(soon))],
  [
    'another destination',
    'SamlRecipient',
    written(replace(/Destination="[^"]*"/, 'Destination="https://attacker.example.com/saml"')),
  ],
  ['no NotOnOrAfter', 'SamlConfirmation', written(confirmed(`Recipient="${recipient}"`))],
  [
    'a NotBefore in the confirmation',
    'SamlConfirmation',
    written(confirmed(`${soon} NotBefore="${time(noon)}" Recipient="${recipient}"`)),
  ],
  ['holder-of-key', 'SamlConfirmation', written(replace('cm:bearer', 'cm:holder-of-key'))],
  [
    'two confirmations',
    'SamlConfirmation',
    written(
      replace(
        '</saml:Subject>',
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/></saml:Subject>',
      ),
    ),
  ],
  ['no subject', 'SamlConfirmation', written(replace(/<saml:Subject>.*<\/saml:Subject>/, ''))],
  ['an element in NameID', 'SamlConfirmation', written(replace('c4n4ry-subject', '<b/>c4n4ry-subject'))],
  ['another issuer', 'SamlIssuer', signed({ issuer: 'https://other.example.com/saml' })],
  [
    'no issuer',
    'SamlIssuer',
    written(
      replace(
        /(<saml:Assertion [^>]*><saml:Issuer>)[^<]*/,
        assertionOf(unsigned()).slice(0, assertionOf(unsigned()).indexOf('<saml:Issuer>') + 13),
      ),
    ),
  ],
  [
    'a response of another issuer',
    'SamlIssuer',
    written(
      replace(
        /(<i:Issuer [^>]*>)[^<]*/,
        '<i:Issuer xmlns:i="urn:oasis:names:tc:SAML:2.0:assertion">https://other.example.com/saml',
      ),
    ),
  ],
  ['a status of failure', 'SamlStatus', written(replace('status:Success', 'status:Responder'))],
  [
    'a status of failure with a reason',
    'SamlStatus',
    buildResponse(fields, '').replace(
      /<samlp:StatusCode [^>]*>/,
      '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:NoPassive"/></samlp:StatusCode>',
    ),
  ],
  ['no status', 'SamlStatus', written(replace(/<samlp:Status>.*<\/samlp:Status>/, ''))],
  [
    'a login that failed',
    'SamlLoginRefused',
    buildResponse(fields, '').replace(
      /<samlp:StatusCode [^>]*>/,
      '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode>',
    ),
  ],
  ['no assertion', 'SamlAssertionMissing', around('')],
  [
    'an encrypted assertion',
    'SamlEncrypted',
    around('<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
  ],
  ['an encrypted NameID', 'SamlEncrypted', written(replace(/<saml:NameID .*<\/saml:NameID>/, '<saml:EncryptedID/>'))],
  [
    'an encrypted attribute',
    'SamlEncrypted',
    written(replace('</saml:AttributeStatement>', '<saml:EncryptedAttribute/></saml:AttributeStatement>')),
  ],
  ['SAML 1.1', 'SamlStructure', '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"/>'],
  ['an assertion alone', 'SamlStructure', good],
  [
    'another version',
    'SamlStructure',
    tampered(replace('ID="_response" Version="2.0"', 'ID="_response" Version="3.0"')),
  ],
  ['a response without an ID', 'SamlStructure', tampered(replace('ID="_response" ', ''))],
  [
    'an element that does not belong into a response',
    'SamlStructure',
    tampered(replace('<samlp:Status>', '<samlp:Extensions/><samlp:Status>')),
  ],
  ['advice', 'SamlStructure', written(replace('<saml:AttributeStatement>', '<saml:Advice/><saml:AttributeStatement>'))],
]
