import { expect, test } from 'vitest'
import { warnOfPermission } from '../../../cmd/webhook/sources.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { memoryLog } from '../webhook/reviews.ts'

const EMPTY = 'permission.defaultRoles is empty: without lanyard.dev/permitted-roles no namespace may use any role'
const UNREAD = 'sources.enabled is false: lanyard.dev/permitted-roles of namespaces is not read'
const CATCH_ALL = 'permission.defaultRoles permits every role of an account, or below any path'
const RAW = "every pod of EKS's annotations is denied, since its app would hold the raw token"
const ALIKE = 'a role of userRoles is the same for all users: no sessionPolicy with {user} narrows it'
const users = { kind: 'role', namespaces: ['shop'], providers: ['google'], roleArn: ROLE }
const narrowed = { ...users, sessionPolicy: '{"Statement":"{user}"}' }
const required = { 'permission.mode': 'required' }
const locked = { 'defaults.lockSessionName': true }
const eks = { 'compatibility.eks': true }
const every = 'arn:aws:iam::111122223333:role/*'

test.each<[Json, readonly (readonly [string, Json])[]]>([
  [{}, []],
  [{ 'permission.defaultRoles': [ROLE] }, []],
  [{ 'permission.defaultRoles': [ROLE, every] }, [[CATCH_ALL, { pattern: every }]]],
  [{ 'permission.defaultRoles': [] }, [[EMPTY, {}]]],
  [{ 'sources.enabled': false }, [[UNREAD, {}]]],
  [{ userRoles: { narrowed, users } }, [[ALIKE, { role: 'users' }]]],
  [{ ...required, ...locked }, []],
  [eks, []],
  [{ ...eks, ...required }, [[RAW, { because: 'permission.mode is required' }]]],
  [{ ...eks, ...locked }, [[RAW, { because: 'defaults.lockSessionName is true' }]]],
  [{ ...eks, ...required, ...locked }, [[RAW, { because: 'permission.mode is required' }]]],
])('what %j permits is told at the start, where it may not be what was meant', (settings, expected) => {
  const log = memoryLog()
  warnOfPermission(gen.config(settings), log)
  expect(log.lines).toEqual(expected.map(([event, fields]) => ({ level: 'warn', event, fields })))
})
