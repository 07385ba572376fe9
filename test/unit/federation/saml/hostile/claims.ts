/** Assertions whose attributes AWS could not read, or read twice. */
import { AWS } from '../../../../support/samlXml.ts'
import { principalArn, roleArn } from '../support.ts'
import { admin, type Hostile, replace, signed, written } from './making.ts'

const attribute = (name: string, ...values: readonly string[]): string =>
  `<saml:Attribute Name="${AWS}${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`
const attributeNamed = (name: string): RegExp =>
  new RegExp(`<saml:Attribute Name="${AWS}${name}"[^>]*>.*?</saml:Attribute>`)
const withRole = (...values: readonly string[]): string =>
  written(replace(attributeNamed('Role'), attribute('Role', ...values)))
const withName = (...values: readonly string[]): string =>
  written(replace(attributeNamed('RoleSessionName'), attribute('RoleSessionName', ...values)))
const withDuration = (...values: readonly string[]): string =>
  written(replace('</saml:AttributeStatement>', `${attribute('SessionDuration', ...values)}</saml:AttributeStatement>`))
const pair = `${roleArn},${principalArn}`

export const claims: readonly Hostile[] = [
  ['no Role', 'SamlRoleMissing', written(replace(attributeNamed('Role'), ''))],
  ['a Role without a value', 'SamlRoleMissing', withRole()],
  ['no attributes', 'SamlRoleMissing', written(replace(/<saml:AttributeStatement>.*<\/saml:AttributeStatement>/, ''))],
  ['another role', 'SamlRolePair', signed({ roles: [[admin, principalArn]] })],
  ['a role that begins like ours', 'SamlRolePair', signed({ roles: [[`${roleArn}-admin`, principalArn]] })],
  ['the role of another provider', 'SamlRolePair', signed({ roles: [[roleArn, `${principalArn}-other`]] })],
  ['the role with no provider', 'SamlRoleAmbiguous', withRole(roleArn)],
  ['three ARNs in a value', 'SamlRoleAmbiguous', withRole(`${pair},${admin}`)],
  ['the pair twice', 'SamlRoleAmbiguous', withRole(pair, `${principalArn},${roleArn}`)],
  [
    'two Role attributes',
    'SamlRoleAmbiguous',
    written(
      replace(
        '</saml:AttributeStatement>',
        `${attribute('Role', `${admin},${principalArn}`)}</saml:AttributeStatement>`,
      ),
    ),
  ],
  ['an element in a Role', 'SamlAttributes', withRole(`${pair}<b/>`)],
  ['no session name', 'SamlSessionName', written(replace(attributeNamed('RoleSessionName'), ''))],
  ['an empty session name', 'SamlSessionName', withName('')],
  ['a session name of one character', 'SamlSessionName', withName('a')],
  ['a session name of 65 characters', 'SamlSessionName', withName('a'.repeat(65))],
  ['a session name with a blank', 'SamlSessionName', withName('web server')],
  ['a session name with a slash', 'SamlSessionName', withName('../admin')],
  ['two session names', 'SamlSessionName', withName('web', 'admin')],
  [
    'two attributes for the session name',
    'SamlAttributes',
    written(
      replace('</saml:AttributeStatement>', `${attribute('RoleSessionName', 'admin')}</saml:AttributeStatement>`),
    ),
  ],
  ['a session that is too short', 'SamlSessionDuration', withDuration('899')],
  ['a session that is too long', 'SamlSessionDuration', withDuration('43201')],
  ['a session of no number', 'SamlSessionDuration', withDuration('1e4')],
  ['two durations', 'SamlSessionDuration', withDuration('900', '43200')],
]
