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
    ['the account speaks to Lanyard', podOf(), { account: { 'lanyard.dev/role-arn': OTHER_ROLE } }],
    ['compatibility is off', podOf(), { settings: { 'compatibility.eks': false } }],
    ['the sidecar is there already', podOf({ volumes: [{ name: 'lanyard-endpoint', emptyDir: {} }] }), {}],
    ['direct mode is there already', podOf({ volumes: [{ name: 'lanyard-identity', projected: {} }] }), {}],
  ])('answers where %s', (_what, pod, given) => {
    expect(admitEks(pod, contextOf(given))).toEqual({ kind: 'skip', reason: 'NotRequested', warnings: [] })
  })

  it('answers where the account is not annotated, or nobody reads it', () => {
    const sources = { serviceAccount: { name: 'web', annotations: eks({ audience: 'x' }) }, namespace: {} }
    expect(admitEks(podOf(), gen.context({ 'compatibility.eks': true }, { sources })).kind).toBe('skip')
    expect(admitEks(podOf(), gen.context({ 'compatibility.eks': true })).kind).toBe('skip')
  })

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
    ['wrong', { account: eks({ 'role-arn': ':' }) }, [['AnnotationInvalid', field('role-arn')]]],
    ['empty', { account: eks({ 'role-arn': ' ' }) }, [['AnnotationInvalid', field('role-arn')]]],
    ['a bare name', { account: eks({ 'role-arn': 'app' }) }, [['RoleAccountUnknown', field('role-arn')]]],
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
  ])('whose role is %s', (_what, given, expected) => {
    expect(problemsOf(podOf(), given)).toEqual(expected)
  })

  it('with all that is wrong at once', () => {
    const account = eks({ 'role-arn': ':', audience: 'https://kubernetes.default.svc' })
    expect(problemsOf(podOf(), { account })).toEqual([
      ['AnnotationInvalid', field('role-arn')],
      ['AnnotationInvalid', field('audience')],
    ])
  })

  it.each([[null], [[]], [{ metadata: {}, spec: { containers: {} } }]])('that is none: %j', (raw) => {
    expect(problemsOf(raw, {})).toEqual([['PodInvalid', expect.any(String)]])
  })

  it('not for a bare name in the account that the operator has set', () => {
    const given = { account: eks({ 'role-arn': 'app' }), settings: { 'aws.accountId': '111122223333' } }
    expect(envOf(granted(podOf(), given), 'app')['AWS_ROLE_ARN']).toBe(ROLE)
    const permitted = { 'lanyard.dev/permitted-roles': ROLE }
    expect(envOf(granted(podOf(), { ...given, namespace: permitted }), 'app')['AWS_ROLE_ARN']).toBe(ROLE)
  })
})
