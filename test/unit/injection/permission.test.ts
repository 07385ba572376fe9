import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catchAllPatterns } from '../../../src/injection/index.ts'
import { isPermitted, permissionProblems } from '../../../src/injection/permission.ts'
import { rolePatterns } from '../../../src/settings/kinds/aws.ts'
import { denied, injected } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'

const BASE = 'arn:aws:iam::111122223333:role/'

/** What a pattern means, letter by letter: `*` is any letters of its own segment. */
function means(pattern: string, name: string): boolean {
  const [parts, segments] = [pattern.split(/([/:])/), name.split(/([/:])/)]
  return parts.length === segments.length && parts.every((part, index) => isWithin(part, segments[index] ?? ''))
}

function isWithin(part: string, segment: string): boolean {
  const [first, rest] = [part[0], part.slice(1)]
  if (first === undefined) return segment === ''
  if (first === '*' && rest.startsWith('*')) return isWithin(rest, segment)
  if (first === '*') return isWithin(rest, segment) || (segment !== '' && isWithin(part, segment.slice(1)))
  return segment[0] === first && isWithin(rest, segment.slice(1))
}

const path = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*', '/'), maxLength: 8 })
const fillings = fc.array(fc.constantFrom('', 'a', 'b', 'ab', 'bba', 'a', 'b', 'a/b', ':', '*'), {
  minLength: 8,
  maxLength: 8,
})
const spoiling = fc.constantFrom('', '', '', '', '/', ':', 'a')

/** A pattern, and a role's ARN that was made from it by filling its stars: mostly right, at times spoilt a little. */
const likely = fc.tuple(path, fillings, spoiling, spoiling).map(([of, texts, before, behind]) => {
  let next = 0
  const filled = of.replaceAll('*', () => texts[next++] ?? '')
  return { pattern: BASE + of, roleArn: `${before}${BASE}${filled}${behind}` }
})

describe('a pattern', () => {
  it('permits what its letters say and no more', () => {
    const counts = { permitted: 0, refused: 0 }
    fc.assert(
      fc.property(likely, ({ pattern, roleArn }) => {
        const isRight = means(pattern, roleArn)
        counts[isRight ? 'permitted' : 'refused'] += 1
        return isPermitted(roleArn, [pattern]) === isRight
      }),
      { numRuns: 10_000 },
    )
    expect(counts.permitted).toBeGreaterThan(2_000)
    expect(counts.refused).toBeGreaterThan(2_000)
  })

  it.each([
    ['app', 'app', true],
    ['app', 'app2', false],
    ['app', 'xapp', false],
    ['*', 'app', true],
    ['*', 'team/app', false],
    ['*', 'team:app', false],
    ['*/*', 'app', false],
    ['a*c', 'abbc', true],
    ['a*c', 'a/c', false],
    ['a*a', 'a', false],
    ['**', 'app', true],
    ['a.c', 'abc', false],
    ['*/b/*b', 'a/b/b', true],
    ['*b/b*', 'b/b/b', false],
  ])('%s and the role %s: %j', (path, name, expected) => {
    expect(isPermitted(BASE + name, [BASE + path])).toBe(expected)
  })

  it('is one of several, and none permits nothing', () => {
    expect(isPermitted(ROLE, [OTHER_ROLE, ROLE])).toBe(true)
    expect(isPermitted(ROLE, [])).toBe(false)
  })

  it.each([
    ['*', true],
    ['**', true],
    ['*/*', true],
    ['**/*', true],
    ['*/**', true],
    ['team-*', false],
    ['team/*', false],
    ['*-team', false],
    ['*/app', false],
  ])('%s is told at the start: %j', (path, expected) => {
    const pattern = BASE + path
    expect(rolePatterns.parse(pattern).ok).toBe(true)
    expect(catchAllPatterns([OTHER_ROLE, pattern])).toEqual(expected ? [pattern] : [])
  })
})

const permitting = (text: string): Parameters<typeof gen.context>[1] => ({
  sources: { serviceAccount: { name: 'web', annotations: {} }, namespace: { 'lanyard.dev/permitted-roles': text } },
})
const problemsOf = (pod: Json, text: string, settings: Json = {}): unknown =>
  denied(pod, gen.context(settings, permitting(text))).problems.map(({ code, field }) => [code, field])
const annotation = (name: string): string => `metadata.annotations[lanyard.dev/${name}]`
const OF_NAMESPACE = `Namespace shop: ${annotation('permitted-roles')}`

describe('what is held to it', () => {
  const containers = ['app', 'helper', 'third'].map((name) => gen.container({ name }))
  const roles = `helper=${OTHER_ROLE} third=${BASE}third`

  it('are the roles of single containers, with one problem for each annotation', () => {
    const pod = gen.pod({ 'role-arn': ROLE, 'container-roles': roles }, { containers })
    expect(problemsOf(pod, `${BASE}nobody`)).toEqual([
      ['RoleNotPermitted', annotation('role-arn')],
      ['RoleNotPermitted', annotation('container-roles')],
    ])
    expect(problemsOf(pod, `${ROLE} ${OTHER_ROLE}`)).toEqual([['RoleNotPermitted', annotation('container-roles')]])
    expect(injected(pod, gen.context({}, permitting(`${BASE}*`))).kind).toBe('inject')
  })

  it('is not the role that nobody uses', () => {
    const pod = gen.pod({ 'role-arn': ROLE, 'container-roles': `app=${OTHER_ROLE}` })
    expect(injected(pod, gen.context({}, permitting(OTHER_ROLE))).kind).toBe('inject')
  })

  it('are the roles of a chain, with one problem for all of them', () => {
    const chained = (...roles: readonly string[]): unknown => {
      const values = { assumeRoleArn: roles }
      const asked = { values, problems: [], fieldOf: (key: string) => key, isOwn: () => true }
      const targets = [{ container: 'app', roleArn: ROLE, own: false }]
      const problems = permissionProblems(targets, asked, gen.context({}, permitting(ROLE)))
      return problems.map(({ code, field }) => [code, field])
    }
    expect(chained(ROLE)).toEqual([])
    expect(chained(ROLE, OTHER_ROLE, `${BASE}third`)).toEqual([['RoleNotPermitted', 'assumeRoleArn']])
  })

  it('is a bare name in the account of the operator', () => {
    const pod = gen.pod({ 'role-arn': 'app' })
    const account = { 'aws.accountId': '111122223333' }
    expect(injected(pod, gen.context(account, permitting(ROLE))).kind).toBe('inject')
    expect(problemsOf(pod, OTHER_ROLE, account)).toEqual([['RoleNotPermitted', annotation('role-arn')]])
  })

  it('is direct mode too', () => {
    const pod = gen.pod({ 'role-arn': ROLE, mode: 'direct' })
    expect(problemsOf(pod, OTHER_ROLE)).toEqual([['RoleNotPermitted', annotation('role-arn')]])
  })

  it.each(['', '*', 'app', `${ROLE},${OTHER_ROLE}`, `${ROLE} ${ROLE}`, 'arn:aws:iam::*:role/app', `${BASE}a\u00e4`])(
    'is everybody where what is permitted is %j: said once, of the namespace',
    (text) => {
      const pod = gen.pod({ 'role-arn': ROLE, 'container-roles': roles }, { containers })
      expect(problemsOf(pod, text)).toEqual([['PermissionInvalid', OF_NAMESPACE]])
    },
  )

  it('is nobody who asks nothing', () => {
    const pod = gen.pod({ inject: 'false' })
    expect(() => denied(pod, gen.context({}, permitting('*')))).toThrow('OptedOut')
  })
})

describe('a refusal', () => {
  it('says which role, and some of what there is instead, however long that is', () => {
    const many = Array.from({ length: 100 }, (_, index) => `${BASE}team-${index}`).join(' ')
    const [problem] = denied(gen.pod(), gen.context({}, permitting(many))).problems
    expect(problem?.message).toBe(
      `${ROLE} is not permitted in namespace shop; permitted there: ${many.split(' ').slice(0, 5).join(', ')}, …`,
    )
  })

  it('says that there is none where the operator requires permission', () => {
    const [problem] = denied(gen.pod(), gen.context({ 'permission.mode': 'required' })).problems
    expect(problem?.message).toBe(`${ROLE} is not permitted in namespace shop; no role is`)
    expect(denied(gen.pod(), gen.context({ 'permission.defaultRoles': '' })).problems).toEqual([problem])
  })

  it('of 256 kB that a namespace carries stays short, and is of one problem', () => {
    const pod = gen.pod(
      { 'container-roles': Array.from({ length: 900 }, (_, index) => `c${index}=${OTHER_ROLE}`).join(' ') },
      { containers: Array.from({ length: 900 }, (_, index) => gen.container({ name: `c${index}` })) },
    )
    for (const text of ['x'.repeat(262_144), `${ROLE} `.repeat(5_000), ' '.repeat(262_144)]) {
      const { problems } = denied(pod, gen.context({}, permitting(text)))
      expect(problems.map(({ code }) => code)).toEqual(['PermissionInvalid'])
      expect(problems[0]?.message.length).toBeLessThan(300)
    }
  })
})
