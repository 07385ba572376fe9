import { describe, expect, it } from 'vitest'
import { admitEks } from '../../../src/injection/index.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { envOf } from '../../support/tree.ts'
import { contextOf, eks, type Given, granted, podOf } from './eksPods.ts'

const problemsOf = (pod: unknown, given: Given): unknown => {
  const outcome = admitEks(pod, contextOf(given))
  return outcome.kind === 'deny' ? outcome.problems.map(({ code, field }) => [code, field]) : outcome.kind
}

describe('whoever else is asked', () => {
  it.each<[string, Json, Given]>([
    ['the pod speaks to Lanyard', podOf({}, { 'lanyard.dev/inject': 'false' }), {}],
    ['the pod speaks to Lanyard, though wrongly', podOf({}, { 'lanyard.dev/regoin': 'x' }), {}],
    ['the account has opted out of Lanyard', podOf(), { account: { 'lanyard.dev/inject': 'false' } }],
    ['the account has opted out, with blanks', podOf(), { account: { 'lanyard.dev/inject': ' false ' } }],
    ['the role is empty', podOf(), { account: eks({ 'role-arn': ' ' }) }],
    ['compatibility is off', podOf(), { settings: { 'compatibility.eks': false } }],
    ['the sidecar is there already', podOf({ volumes: [{ name: 'lanyard-endpoint', emptyDir: {} }] }), {}],
    ['direct mode is there already', podOf({ volumes: [{ name: 'lanyard-identity', projected: {} }] }), {}],
  ])('answers where %s', (_what, pod, given) => {
    expect(admitEks(pod, contextOf(given))).toEqual({ kind: 'skip', reason: 'NotRequested', warnings: [] })
  })

  it('leaves a mirror of a static pod alone', () => {
    const mirror = podOf({}, { 'kubernetes.io/config.mirror': 'x' })
    expect(admitEks(mirror, contextOf()).kind).toBe('skip')
  })

  it('answers where the account is not annotated, or nobody reads it', () => {
    const sources = { serviceAccount: { name: 'web', annotations: eks({ audience: 'x' }) }, namespace: {} }
    expect(admitEks(podOf(), gen.context({ 'compatibility.eks': true }, { sources })).kind).toBe('skip')
    expect(admitEks(podOf(), gen.context({ 'compatibility.eks': true })).kind).toBe('skip')
  })

  it.each(['role-arn', 'region', 'inject', 'regoin'])(
    'does not where the account says %s to Lanyard as well, since its entry is not asked about every pod',
    (name) => {
      const account = { [`lanyard.dev/${name}`]: 'true' }
      expect(envOf(granted(podOf(), { account }), 'app')['AWS_ROLE_ARN']).toBe(ROLE)
    },
  )

  it("is not asked by a status, which is nobody's wish", () => {
    expect(granted(podOf({}, { 'lanyard.dev/status': 'forged' }))['kind']).toBe('Pod')
  })

  it('by names of prototypes says nothing', () => {
    const account = JSON.parse('{"__proto__":{"eks.amazonaws.com/role-arn":"x"},"constructor":"x"}')
    const sources = { serviceAccount: { name: 'web', annotations: account }, namespace: account }
    expect(admitEks(podOf(), gen.context({ 'compatibility.eks': true }, { sources })).kind).toBe('skip')
  })
})

describe('a pod is refused', () => {
  const field = (name: string): string => `ServiceAccount web: metadata.annotations[eks.amazonaws.com/${name}]`

  it.each<[string, Given, unknown]>([
    [
      'not permitted',
      { namespace: { 'lanyard.dev/permitted-roles': OTHER_ROLE } },
      [['RoleNotPermitted', field('role-arn')]],
    ],
    [
      'permitted by what cannot be read',
      { namespace: { 'lanyard.dev/permitted-roles': '*' } },
      [['PermissionInvalid', 'Namespace shop: metadata.annotations[lanyard.dev/permitted-roles]']],
    ],
    [
      'held raw, where roles must be permitted',
      { settings: { 'permission.mode': 'required', 'permission.defaultRoles': [ROLE] } },
      [['DirectModeNotPermitted', field('role-arn')]],
    ],
    [
      'held raw, where the session name is locked',
      { settings: { 'defaults.lockSessionName': true } },
      [['DirectModeNotPermitted', field('role-arn')]],
    ],
    [
      'none, where roles are permitted',
      { account: eks({ 'role-arn': 'app' }), namespace: { 'lanyard.dev/permitted-roles': ROLE } },
      [['RoleNotPermitted', field('role-arn')]],
    ],
  ])('whose role is %s', (_what, given, expected) => {
    expect(problemsOf(podOf(), given)).toEqual(expected)
  })

  it('and told what to do instead', () => {
    expect(admitEks(podOf(), contextOf({ settings: { 'defaults.lockSessionName': true } }))).toMatchObject({
      problems: [{ fix: 'Have the sidecar instead: set lanyard.dev/inject: "true" on the pod.' }],
    })
  })

  it.each([[null], [[]], [{ metadata: {}, spec: { containers: {} } }]])('that is none: %j', (raw) => {
    expect(problemsOf(raw, {})).toEqual([['PodInvalid', expect.any(String)]])
  })
})

describe('a role that may be none', () => {
  const roleOf = (text: string, given: Given = {}): unknown =>
    envOf(granted(podOf(), { ...given, account: eks({ 'role-arn': text }) }), 'app')['AWS_ROLE_ARN']
  const warningsOf = (text: string, given: Given = {}): readonly string[] =>
    admitEks(podOf(), contextOf({ ...given, account: eks({ 'role-arn': text }) })).warnings
  const account = { settings: { 'aws.accountId': '111122223333' } }
  const NO_ARN = ["the ServiceAccount's eks.amazonaws.com/role-arn is no ARN: STS will refuse it"]

  it.each<[string, Given]>([
    [':', account],
    ['rôle', account],
    ['team/x y', account],
    ['app', {}],
  ])('is there as it is, with a warning: %j', (text, given) => {
    expect(roleOf(text, given)).toBe(text)
    expect(warningsOf(text, given)).toEqual(NO_ARN)
  })

  it.each(['arn:aws:iam::1:role/app', 'arn:', ` ${ROLE} `])('is there, where it begins like an ARN: %j', (text) => {
    expect(roleOf(text)).toBe(text.trim())
    expect(warningsOf(text)).toEqual([])
  })

  it('is a name in the account that the operator has set', () => {
    for (const namespace of [{}, { 'lanyard.dev/permitted-roles': ROLE }]) {
      expect(roleOf('app', { ...account, namespace })).toBe(ROLE)
    }
    expect(roleOf('team/app', account)).toBe('arn:aws:iam::111122223333:role/team/app')
    expect(warningsOf('team/app', account)).toEqual([])
  })

  it('is none where it is too long to be sent', () => {
    const longest = 'arn:'.padEnd(2_048, 'x')
    expect(roleOf(longest)).toBe(longest)
    const outcome = admitEks(podOf(), contextOf({ account: eks({ 'role-arn': `${longest}x` }) }))
    const warning = "the ServiceAccount's eks.amazonaws.com/role-arn is too long to be a role"
    expect(outcome).toEqual({ kind: 'skip', reason: 'NotRequested', warnings: [warning] })
  })

  it('names no variable that kubelet would put in its place', () => {
    expect(roleOf(`${ROLE}/$(SECRET)`)).toBe(`${ROLE}/$$(SECRET)`)
  })
})
