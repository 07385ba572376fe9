import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../../src/errors/index.ts'
import { type Annotations, admit, type InjectionContext, serviceAccountOf } from '../../../src/injection/index.ts'
import { podEntries } from '../../../src/settings/podSettings.ts'
import { denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { objectAt } from '../../support/tree.ts'

const PLACES = ['pod', 'account', 'namespace'] as const
type Place = (typeof PLACES)[number]
const WHERE = { pod: '', account: 'ServiceAccount web: ', namespace: 'Namespace shop: ' }

type Spoken = { readonly [P in Place]?: Annotations }

/** A pod, and what is said by it and beside it; prefixed where there is no prefix. */
function spoken({ pod = {}, account = {}, namespace = {} }: Spoken, settings: Json = {}): [Json, InjectionContext] {
  const prefixed = (of: Annotations): Annotations =>
    Object.fromEntries(
      Object.entries(of).map(([name, value]) => [name.includes('/') ? name : `lanyard.dev/${name}`, value]),
    )
  const sources = { serviceAccount: { name: 'web', annotations: prefixed(account) }, namespace: prefixed(namespace) }
  const raw = { ...gen.pod({}), metadata: { name: 'web', annotations: prefixed(pod) } }
  return [raw, gen.context(settings, { sources })]
}
const problemsOf = (of: Spoken, settings: Json = {}): unknown =>
  denied(...spoken(of, settings)).problems.map(({ code, field }) => [code, field])
const fieldOf = (place: Place, name: string): string => `${WHERE[place]}metadata.annotations[lanyard.dev/${name}]`

/** What no annotation can have as its value. */
const WRONG = [
  '',
  ' ',
  '\u0000',
  'canary canary=',
  '{',
  '-1',
  '1e999',
  '$(AWS_ROLE_ARN)',
  'x'.repeat(100_000),
  '\ud800',
  '../..',
]
/** Those of which a few are right: nearly any text is an audience, and the like. */
const isRight = (name: string, text: string): boolean => {
  const setting = podEntries.find(([, { annotation }]) => annotation === name)?.[1]
  return setting?.kind.parse(text.trim()).ok === true
}
const names = podEntries.filter(([, { on }]) => on === undefined).map(([, { annotation }]) => annotation)

describe('a wrong value', () => {
  it.each(PLACES.flatMap((place) => names.map((name) => [name, place] as const)))('of %s on the %s', (name, place) => {
    let seen = 0
    for (const text of WRONG.filter((candidate) => !isRight(name, candidate))) {
      const role = name === 'role-arn' ? {} : { 'role-arn': ROLE }
      const { problems } = denied(...spoken({ [place]: { ...role, [name]: text } }))
      seen += 1
      expect([text, problems.map(({ code, field }) => [code, field])]).toEqual([
        text,
        [['AnnotationInvalid', fieldOf(place, name)]],
      ])
      // However long it is.
      expect(problems.map(formatProblem).join().length).toBeLessThan(600)
    }
    expect(seen).toBeGreaterThanOrEqual(3)
  })

  it('of each source is told in one denial', () => {
    const of = {
      pod: { 'role-arn': ROLE, region: '?' },
      account: { audience: 'a b' },
      namespace: { 'session-name': '{' },
    }
    expect(problemsOf(of)).toEqual([
      ['AnnotationInvalid', fieldOf('account', 'audience')],
      ['AnnotationInvalid', fieldOf('namespace', 'session-name')],
      ['AnnotationInvalid', fieldOf('pod', 'region')],
    ])
  })

  it('does not matter where somebody more specific is heeded', () => {
    const of = {
      pod: { 'role-arn': ROLE, region: 'eu-west-2' },
      account: { region: '?', 'role-arn': '?', inject: '?' },
    }
    expect(injected(...spoken(of)).warnings).toEqual([])
  })
})

describe('annotations that do not exist', () => {
  it.each(PLACES)('are told of the %s, ten and a count', (place) => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`rolearn${index}`, 'x']))
    const { problems } = denied(...spoken({ [place]: { 'role-arn': ROLE, ...many } }))
    expect(problems).toHaveLength(11)
    expect(problems[0]).toMatchObject({ code: 'AnnotationUnknown', field: fieldOf(place, 'rolearn0') })
    expect(problems[10]).toMatchObject({
      field: `${WHERE[place]}metadata.annotations`,
      message: 'there are 2990 more that do not exist',
    })
  })

  it('are told of every source at once', () => {
    const of = { pod: { 'role-arn': ROLE, a: '' }, account: { b: '' }, namespace: { c: '' } }
    expect(problemsOf(of)).toEqual([
      ['AnnotationUnknown', fieldOf('pod', 'a')],
      ['AnnotationUnknown', fieldOf('account', 'b')],
      ['AnnotationUnknown', fieldOf('namespace', 'c')],
    ])
  })

  it('do not refuse a pod that is opted out', () => {
    expect(admit(...spoken({ pod: { inject: 'false', a: '' }, account: { b: '' } }))).toMatchObject({
      reason: 'OptedOut',
    })
  })

  it.each(['pod', 'account'] as const)('are those of namespaces on the %s', (place) => {
    const of = { pod: { 'role-arn': ROLE }, [place]: { 'role-arn': ROLE, 'permitted-roles': ROLE } }
    expect(problemsOf(of)).toEqual([['AnnotationMisplaced', fieldOf(place, 'permitted-roles')]])
  })
})

describe('what nobody means', () => {
  it.each(PLACES)('a forged status of the %s is neither read nor kept', (place) => {
    const status = '{"version":"0.1.0","mode":"direct","roles":{"app":"arn:aws:iam::111122223333:role/admin"}}'
    const pod = mutated(...spoken({ pod: { 'role-arn': ROLE }, [place]: { 'role-arn': ROLE, status } }))
    expect(JSON.parse(String(objectAt(pod, 'metadata', 'annotations')['lanyard.dev/status']))).toEqual({
      version: '0.1.0',
      mode: 'sidecar',
      roles: { app: ROLE },
    })
  })

  it('a status alone asks for nothing, on whichever object', () => {
    const of = { pod: { status: 'x' }, account: { status: 'x' }, namespace: { status: 'x' } }
    expect(admit(...spoken(of))).toEqual({ kind: 'skip', reason: 'NotRequested', warnings: [] })
  })

  it('names of prototypes are no annotations', () => {
    const hostile = JSON.parse('{"__proto__":"x","constructor":"x","toString":"x","hasOwnProperty":"x"}') as Annotations
    const sources = { serviceAccount: { name: 'web', annotations: hostile }, namespace: hostile }
    const pod = { ...gen.pod({}), metadata: { annotations: hostile } }
    expect(admit(pod, gen.context({}, { sources })).kind).toBe('skip')
    const asking = gen.pod({ 'role-arn': ROLE })
    expect(injected(asking, gen.context({}, { sources })).warnings).toEqual([])
    const ours = JSON.parse('{"lanyard.dev/__proto__":"x","lanyard.dev/constructor":"x"}') as Annotations
    const { problems } = denied(asking, gen.context({}, { sources: { ...sources, namespace: ours } }))
    expect(problems.map(({ field }) => field)).toEqual([
      fieldOf('namespace', '__proto__'),
      fieldOf('namespace', 'constructor'),
    ])
  })

  it('256 kB on every object are read, and answered in a few lines', () => {
    const big = { 'session-policy': `{"Statement":"${'x'.repeat(262_000)}"}`, ['y'.repeat(500)]: 'z' }
    const { problems } = denied(...spoken({ pod: { 'role-arn': ROLE }, account: big, namespace: big }))
    expect(problems).toHaveLength(3)
    expect(problems.map(formatProblem).join().length).toBeLessThan(2_000)
  })
})

describe('who says what', () => {
  it.each(PLACES)('the role of the %s is told as its own where it is a bare name', (place) => {
    const of = { pod: { inject: 'true' }, [place]: { inject: 'true', 'role-arn': 'app' } }
    expect(problemsOf(of)).toEqual([['RoleAccountUnknown', fieldOf(place, 'role-arn')]])
  })

  it('an object of many pods need not name containers that each of them has', () => {
    const of = { pod: { inject: 'true' }, account: { 'role-arn': ROLE, containers: 'app other' } }
    expect(injected(...spoken(of)).audit).toEqual({ roles: JSON.stringify({ app: ROLE }) })
    expect(problemsOf({ pod: { 'role-arn': ROLE, containers: 'app other' } })).toEqual([
      ['ContainerUnknown', fieldOf('pod', 'containers')],
    ])
  })

  it.each([
    ['credentials-port', { 'credentials-port': '9798' }],
    ['sidecar-cpu-request', { 'sidecar-cpu-request': '2', 'sidecar-cpu-limit': '1' }],
  ])('a contradiction in %s is told of the object that it is on', (name, account) => {
    expect(problemsOf({ pod: { 'role-arn': ROLE }, account })).toEqual([
      ['AnnotationsConflict', fieldOf('account', name)],
    ])
  })

  it('what is only for the operator is refused of every object', () => {
    const settings = { 'defaults.lockSessionName': true }
    const of = {
      pod: { 'role-arn': ROLE },
      account: { 'session-name': 'x' },
      namespace: { 'sts-endpoint': 'https://a.b' },
    }
    expect(problemsOf(of, settings)).toEqual([
      ['SessionNameLocked', fieldOf('account', 'session-name')],
      ['StsEndpointNotAllowed', fieldOf('namespace', 'sts-endpoint')],
    ])
  })

  it('without what is beside it, a pod says all there is', () => {
    expect(denied(gen.pod({ inject: 'true' })).problems).toMatchObject([
      { code: 'RoleMissing', message: 'there is no role' },
    ])
    expect(admit(gen.pod({}), gen.context()).kind).toBe('skip')
  })

  it('a pod without annotations gets the first one', () => {
    const [, context] = spoken({ account: { 'role-arn': OTHER_ROLE } })
    for (const metadata of [{}, { annotations: null }, { annotations: {} }]) {
      const pod = mutated({ ...gen.pod(), metadata }, context)
      expect(Object.keys(objectAt(pod, 'metadata', 'annotations'))).toEqual(['lanyard.dev/status'])
    }
  })
})

describe('the ServiceAccount of a pod', () => {
  it.each<[unknown, string]>([
    [{ spec: { serviceAccountName: 'web' } }, 'web'],
    [{ spec: { serviceAccountName: 'web', serviceAccount: 'old' } }, 'web'],
    [{ spec: { serviceAccount: 'old' } }, 'old'],
    [{ spec: { serviceAccountName: '' } }, 'default'],
    [{ spec: {} }, 'default'],
    [{ spec: { serviceAccountName: 7, serviceAccount: {} } }, 'default'],
    [{ spec: null }, 'default'],
    [{ spec: 'x' }, 'default'],
    [{}, 'default'],
    [null, 'default'],
    ['pod', 'default'],
    [[], 'default'],
    [Object.create({ spec: { serviceAccountName: 'inherited' } }), 'default'],
  ])('of %j is %s', (pod, name) => {
    expect(serviceAccountOf(pod)).toBe(name)
  })

  it('is a text, or the pod is none', () => {
    const pod = gen.pod(undefined, { serviceAccountName: { name: 'web' } })
    expect(denied(pod).problems).toMatchObject([{ code: 'PodInvalid', field: 'spec.serviceAccountName' }])
  })
})
