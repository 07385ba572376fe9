import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { isLater, podEntries, podSettings } from '../../../src/settings/podSettings.ts'
import { denied, injected } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'

const direct = (spec: Json = {}, annotations: Readonly<Record<string, string>> = {}): Json =>
  gen.pod({ 'role-arn': ROLE, mode: 'direct', ...annotations }, spec)

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
      const role = { 'lanyard.dev/role-arn': ROLE }
      const pod = gen.pod({ mode: 'direct', ...(place === 'pod' && { 'role-arn': ROLE, [annotation]: example }) })
      const sources = {
        // Roles after the first are said by whoever says the first.
        serviceAccount: { name: 'web', annotations: place === 'ServiceAccount' ? { ...role, ...own } : {} },
        namespace: place === 'namespace' ? { ...role, ...own } : {},
      }
      const { problems } = denied(pod, gen.context({}, { sources }))
      const where = { pod: '', ServiceAccount: 'ServiceAccount web: ', namespace: 'Namespace shop: ' }[place]
      const isUnsupported = isLater(podSettings[key], example)
      expect(problems.map(({ code, field }) => [code, field])).toEqual([
        [
          isUnsupported ? 'AnnotationNotSupportedYet' : 'DirectModeConflict',
          `${where}metadata.annotations[lanyard.dev/${annotation}]`,
        ],
      ])
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
