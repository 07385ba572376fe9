import { expect, it } from 'vitest'
import { readFacts } from '../../../src/testbed/sts/requestFacts.ts'

it('keeps what was asked for', () => {
  const facts = readFacts(
    new Map([
      ['RoleSessionName', 'a@b'],
      ['DurationSeconds', '900'],
      ['Tags.member.1.Key', 'Team'],
      ['Tags.member.1.Value', 'secret'],
      ['TransitiveTagKeys.member.1', 'Team'],
      ['SourceIdentity', 'user'],
      ['ExternalId', 'secret'],
      ['Policy', 'secret'],
      ['PolicyArns.member.1.arn', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
      ['ProviderId', 'www.amazon.com'],
      ['PrincipalArn', 'arn:aws:iam::111122223333:saml-provider/corporate'],
      ['WebIdentityToken', 'secret'],
      ['SAMLAssertion', 'secret'],
    ]),
  )
  expect(facts).toEqual({
    sessionName: 'a@b',
    durationSeconds: 900,
    tagKeys: ['Team'],
    transitiveTagKeys: ['Team'],
    sourceIdentity: 'user',
    externalId: true,
    policy: true,
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    providerId: 'www.amazon.com',
    principalArn: 'arn:aws:iam::111122223333:saml-provider/corporate',
  })
})

it('leaves out a token that stands where it does not belong', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'
  const names = [
    'RoleSessionName',
    'Tags.member.1.Key',
    'SourceIdentity',
    'ProviderId',
    'PrincipalArn',
    'DurationSeconds',
  ]
  expect(JSON.stringify(readFacts(new Map(names.map((name) => [name, token]))))).toBe('{"tagKeys":[]}')
  expect(readFacts(new Map())).toEqual({})
})
