import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { podEntries, podSettings } from '../../../src/settings/podSettings.ts'
import { denied, injected } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { CONFIGURATIONS } from './cases.ts'

const direct = (spec: Json = {}, annotations: Readonly<Record<string, string>> = {}): Json =>
  gen.pod({ 'role-arn': ROLE, mode: 'direct', ...annotations }, spec)

/** What is for the roles of a chain alone. */
const CHAINED: readonly string[] = ['assumeRoleExternalId', 'assumeRoleTags', 'sourceIdentity']
const prefixed = (annotations: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`lanyard.dev/${name}`, value]))

/** A value that parses, for each setting. */
const examples = podEntries
  .filter(([, { on }]) => on === undefined)
  .map(([key, { annotation, kind }]) => ({
    key,
    annotation,
    example: key === 'userCredentials' ? 'true' : kind.example,
  }))
const directOf = (key: keyof typeof podSettings): string => {
  const setting = podSettings[key]
  return 'direct' in setting ? setting.direct : 'denied'
}

describe('what only the sidecar can do', () => {
  const denying = examples.filter(({ key }) => directOf(key) === 'denied')
  const places = ['pod', 'ServiceAccount', 'namespace'] as const

  it('are these', () => {
    expect(denying.map(({ annotation }) => annotation)).toEqual([
      'protocol',
      'session-duration',
      'session-name',
      'session-policy',
      'session-policy-arns',
      'assume-role-arn',
      'assume-role-external-id',
      'assume-role-tags',
      'source-identity',
      'user-credentials',
      'identity-provider',
    ])
  })

  it.each(denying.flatMap((setting) => places.map((place) => ({ ...setting, place }))))(
    '$annotation of the $place is denied',
    ({ key, annotation, example, place }) => {
      const own = { [`lanyard.dev/${annotation}`]: example }
      const chain = CHAINED.includes(key) ? { 'assume-role-arn': OTHER_ROLE } : {}
      const role = { 'lanyard.dev/role-arn': ROLE }
      const parts = { 'role-arn': ROLE, ...chain, [annotation]: example }
      const pod = gen.pod({ mode: 'direct', ...(place === 'pod' && parts) })
      const said = { ...role, ...prefixed(chain), ...own }
      const sources = {
        // Roles after the first are said by whoever says the first.
        serviceAccount: { name: 'web', annotations: place === 'ServiceAccount' ? said : {} },
        namespace: place === 'namespace' ? said : {},
      }
      const { problems } = denied(pod, gen.context(CONFIGURATIONS.federated, { sources }))
      const where = { pod: '', ServiceAccount: 'ServiceAccount web: ', namespace: 'Namespace shop: ' }[place]
      const conflicts = [...Object.keys(chain), annotation]
      expect(problems.map(({ code, field }) => [code, field])).toEqual(
        conflicts.map((one) => ['DirectModeConflict', `${where}metadata.annotations[lanyard.dev/${one}]`]),
      )
    },
  )

  it.each(examples.filter(({ key }) => directOf(key) === 'moot'))(
    '$annotation does nothing: told to the pod, and to nobody who speaks for many',
    ({ annotation, example }) => {
      expect(injected(direct({}, { [annotation]: example })).warnings).toEqual([
        `lanyard.dev/${annotation} does nothing in direct mode, which has no sidecar`,
      ])
      const namespace = { [`lanyard.dev/${annotation}`]: example }
      const sources = { serviceAccount: { name: 'web', annotations: namespace }, namespace }
      expect(injected(direct(), gen.context({}, { sources })).warnings).toEqual([])
    },
  )

  it('is not there where it is said to be off', () => {
    expect(injected(direct({}, { 'user-credentials': 'false' })).warnings).toEqual([])
  })
})

describe('direct mode is refused', () => {
  it.each<[string, Json]>([
    ['roles must be permitted', { 'permission.mode': 'required', 'permission.defaultRoles': [ROLE] }],
    ['the session name is locked', { 'defaults.lockSessionName': true }],
  ])('where %s', (_what, settings) => {
    const { problems } = denied(direct(), gen.context(settings))
    expect(problems.map(({ code, field }) => [code, field])).toEqual([
      ['DirectModeNotPermitted', 'metadata.annotations[lanyard.dev/mode]'],
    ])
    expect(injected(gen.pod(), gen.context(settings)).kind).toBe('inject')
  })

  it('by its name, where the ServiceAccount says it', () => {
    const account = { 'lanyard.dev/mode': 'direct' }
    const sources = { serviceAccount: { name: 'web', annotations: account }, namespace: {} }
    const { problems } = denied(gen.pod(), gen.context({ 'defaults.lockSessionName': true }, { sources }))
    expect(problems.map(({ field }) => field)).toEqual(['ServiceAccount web: metadata.annotations[lanyard.dev/mode]'])
  })

  it('on Windows it is left alone, as the sidecar is', () => {
    expect(admit(direct({ os: { name: 'windows' } }), gen.context())).toMatchObject({ reason: 'WindowsPod' })
  })
})
