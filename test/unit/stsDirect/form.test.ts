import { expect, it } from 'vitest'
import { formOf } from '../../../src/stsDirect/form.ts'

const request = { roleArn: 'arn:aws:iam::1:role/a', roleSessionName: 'n', token: 'a.b.c', durationSeconds: 900 }

it('is what was asked, and reads back as it was', () => {
  const policy = '{"a": "%+&=\'()*!~ä\\u0000\\n"}'
  const form = formOf({ ...request, policy, providerId: 'graph.facebook.com', policyArns: ['x', 'y'] })
  expect([...new URLSearchParams(form)]).toEqual([
    ['Action', 'AssumeRoleWithWebIdentity'],
    ['Version', '2011-06-15'],
    ['RoleArn', request.roleArn],
    ['RoleSessionName', 'n'],
    ['WebIdentityToken', 'a.b.c'],
    ['ProviderId', 'graph.facebook.com'],
    ['DurationSeconds', '900'],
    ['Policy', policy],
    ['PolicyArns.member.1.arn', 'x'],
    ['PolicyArns.member.2.arn', 'y'],
  ])
  // RFC 3986, section 2.3: nothing but these goes as it is.
  expect(form).toMatch(/^[\w.~%=&-]+$/)
})

it('leaves out what is not asked for', () => {
  expect([...new URLSearchParams(formOf(request)).keys()]).toEqual([
    'Action',
    'Version',
    'RoleArn',
    'RoleSessionName',
    'WebIdentityToken',
    'DurationSeconds',
  ])
})
