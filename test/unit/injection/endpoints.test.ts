import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { denied, injected } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'

const ENDPOINT = 'https://sts.example.com'
const pod = (annotations: Readonly<Record<string, string>>): Json => gen.pod({ 'role-arn': ROLE, ...annotations })
const allowed = { 'aws.allowedStsEndpoints': [ENDPOINT] }

describe('an STS endpoint of the pod', () => {
  it('is one that the operator allows', () => {
    expect(injected(pod({ 'sts-endpoint': ENDPOINT }), gen.context(allowed)).kind).toBe('inject')
  })

  it.each<[string, Json]>([
    ['aws.fips', { 'aws.fips': true }],
    ['aws.dualStack', { 'aws.dualStack': true }],
    ['aws.fips and aws.dualStack', { 'aws.fips': true, 'aws.dualStack': true }],
  ])('is denied in words beside %s, which the sidecar would end by', (names, settings) => {
    const { problems } = denied(pod({ 'sts-endpoint': ENDPOINT }), gen.context({ ...allowed, ...settings }))
    expect(problems.map(({ code }) => code)).toEqual(['StsEndpointNotAllowed'])
    expect(problems[0]?.message).toContain(`the operator has set ${names}, which choose`)
    expect(problems[0]?.fix).toContain('lanyard.dev/region')
  })
})

it.each<[string, Json]>([
  ['aws.fips', { 'aws.fips': true }],
  ['outbound.proxy', { 'outbound.proxy': 'http://proxy.example.com:3128' }],
])('direct mode is warned that %s does not hold for the app', (name, settings) => {
  const warned = (annotations: Readonly<Record<string, string>>): string =>
    injected(pod(annotations), gen.context(settings)).warnings.join('\n')
  expect(warned({ mode: 'direct' })).toContain(`the operator's ${name} does not hold for it`)
  expect(warned({})).not.toContain('does not hold')
})

describe('without any region', () => {
  const nowhere = { 'aws.region': null }

  it.each<[string, Json, readonly string[]]>([
    ['the global endpoint does', {}, []],
    ['an endpoint of the operator does', { 'aws.stsEndpoint': ENDPOINT }, []],
    ['FIPS is denied in words, which the sidecar would end by', { 'aws.fips': true }, ['RegionMissing']],
    ['dual stack is denied too', { 'aws.dualStack': true }, ['RegionMissing']],
  ])('%s', (_, settings, codes) => {
    const outcome = admit(pod({}), gen.context({ ...nowhere, ...settings }))
    expect(outcome.kind === 'deny' ? outcome.problems.map(({ code }) => code) : []).toEqual(codes)
  })

  it('direct mode has no sidecar that would mind', () => {
    expect(injected(pod({ mode: 'direct' }), gen.context({ ...nowhere, 'aws.fips': true })).kind).toBe('inject')
  })
})

describe('where the operator names sessions', () => {
  const locked = gen.context({ 'defaults.lockSessionName': true })

  it('a pod names them not by a source identity either', () => {
    const chain = { 'assume-role-arn': ROLE, 'source-identity': 'somebody-else' }
    const { problems } = denied(pod(chain), locked)
    expect(problems.map(({ code, fix }) => [code, fix])).toEqual([
      ['SessionNameLocked', 'Remove lanyard.dev/source-identity.'],
    ])
    expect(injected(pod(chain)).kind).toBe('inject')
    expect(injected(pod({ 'assume-role-arn': ROLE }), locked).kind).toBe('inject')
  })
})
