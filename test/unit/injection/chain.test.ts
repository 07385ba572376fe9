import { describe, expect, it } from 'vitest'
import { planSessions, sessionProblems } from '../../../src/federation/index.ts'
import { layout } from '../../../src/injection/index.ts'
import { readPodVariables } from '../../../src/settings/index.ts'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, objectAt } from '../../support/tree.ts'

const LAST = 'arn:aws:iam::444455556666:role/last'
const containers = [gen.container(), gen.container({ name: 'helper' })]
const chained = (annotations: Readonly<Record<string, string>> = {}): Json =>
  gen.pod({ 'role-arn': ROLE, 'assume-role-arn': LAST, ...annotations }, { containers })

/** The roles that the sidecar would get for the containers, as its own program plans them. */
function rolesIn(pod: Json, settings: Json = {}): Readonly<Record<string, string>> {
  const { values, problems } = readPodVariables(
    envOf(mutated(pod, gen.context(settings)), layout.SIDECAR) as Record<string, string>,
  )
  expect([...problems, ...sessionProblems(values)]).toEqual([])
  const plans = planSessions(values, { namespace: 'shop', pod: 'web', serviceaccount: 'web' })
  return Object.fromEntries(
    plans.flatMap(({ containers: names, hop }) => names.map((name) => [name, hop.request.roleArn])),
  )
}
/** Those that the status tells. */
const toldOf = (pod: Json, settings: Json = {}): unknown => {
  const annotations = objectAt(mutated(pod, gen.context(settings)), 'metadata', 'annotations')
  return (JSON.parse(String(annotations['lanyard.dev/status'])) as Json)['roles']
}

describe('the roles of a chain', () => {
  it.each<[string, Json, Json, Readonly<Record<string, string>>]>([
    ['are for all of the common role', chained(), {}, { app: LAST, helper: LAST }],
    [
      'are not for a container with a role of its own',
      chained({ 'container-roles': `helper=${OTHER_ROLE}` }),
      {},
      { app: LAST, helper: OTHER_ROLE },
    ],
    [
      'are for nobody where each has its own',
      chained({ 'container-roles': `helper=${OTHER_ROLE} app=${OTHER_ROLE}` }),
      {},
      { app: OTHER_ROLE, helper: OTHER_ROLE },
    ],
    ['are served by IMDS', chained({ protocol: 'imds' }), {}, { app: LAST, helper: LAST }],
    [
      'are not, by IMDS, where each container has the first for its own',
      chained({ protocol: 'imds', 'container-roles': `helper=${ROLE} app=${ROLE}` }),
      { 'imds.sharedByPod': true },
      { app: ROLE, helper: ROLE },
    ],
  ])('%s', (_what, pod, settings, roles) => {
    expect(rolesIn(pod, settings)).toEqual(roles)
    expect(toldOf(pod, settings)).toEqual(roles)
  })

  it('are several, where one container by IMDS has them and another the first alone', () => {
    const pod = chained({ protocol: 'imds', 'container-roles': `helper=${ROLE}` })
    expect(codesOf(pod, gen.context({ 'imds.sharedByPod': true }))).toEqual(['ImdsSeveralRoles'])
    const equal = chained({ protocol: 'imds', 'container-roles': `helper=${LAST}` })
    expect(codesOf(equal, gen.context({ 'imds.sharedByPod': true }))).toEqual(['ImdsSeveralRoles'])
  })

  it('make the sidecar run the program that knows of them, where somebody has them', () => {
    const commandOf = (pod: Json) => containerOf(mutated(pod), layout.SIDECAR)['command']
    expect(commandOf(chained())).toEqual(layout.FEDERATED_COMMAND)
    const moot = chained({ 'container-roles': `helper=${OTHER_ROLE} app=${OTHER_ROLE}` })
    expect(commandOf(moot)).toEqual(layout.SIDECAR_COMMAND)
    expect(Object.keys(envOf(mutated(moot), layout.SIDECAR))).not.toContain('LANYARD_ASSUME_ROLE_ARN')
  })

  it('last an hour at most, whatever is usual', () => {
    const durationOf = (pod: Json, usual: string) =>
      envOf(mutated(pod, gen.context({ 'defaults.sessionDuration': usual })), layout.SIDECAR)[
        'LANYARD_SESSION_DURATION'
      ]
    expect(durationOf(chained(), '12h')).toBe('3600s')
    expect(durationOf(chained(), '20m')).toBe('1200s')
    expect(durationOf(gen.pod(), '12h')).toBe('43200s')
    expect(durationOf(chained({ 'session-duration': '1h' }), '12h')).toBe('3600s')
    expect(codesOf(chained({ 'session-duration': '1h1s' }))).toEqual(['ChainDurationTooLong'])
  })

  it('are of one partition, unless the server is not of AWS', () => {
    const pod = (annotations = {}) =>
      chained({ 'assume-role-arn': 'arn:aws-us-gov:iam::111122223333:role/b', ...annotations })
    expect(codesOf(pod())).toEqual(['AnnotationsConflict'])
    const elsewhere = gen.context({ 'aws.stsEndpoint': 'https://sts.example.com' })
    expect(injected(pod(), elsewhere).kind).toBe('inject')
  })
})

describe('what does not parse', () => {
  const parts = { 'assume-role-external-id': 'customer-42', 'assume-role-tags': 'team=shop', 'source-identity': 'web' }

  it('is told once, and not as absent', () => {
    expect(codesOf(chained({ ...parts, 'assume-role-arn': 'nonsense!' }))).toEqual(['AnnotationInvalid'])
    expect(codesOf(chained({ ...parts, 'role-arn': 'nonsense!' }))).toEqual(['AnnotationInvalid'])
    expect(codesOf(gen.pod({ 'role-arn': ROLE, ...parts }))).toEqual(Array(3).fill('AnnotationsConflict'))
  })
})

describe('who says the chain', () => {
  const roles = { 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/assume-role-arn': LAST }
  const beside = (namespace: Readonly<Record<string, string>>) =>
    gen.context({}, { sources: { serviceAccount: { name: 'web', annotations: {} }, namespace } })

  it('says the first role, too', () => {
    const silent = { ...gen.pod({ inject: 'true' }) }
    const envFor = (pod: Json, of = beside(roles)) => envOf(mutated(pod, of), layout.SIDECAR)
    expect(envFor(silent)['LANYARD_ASSUME_ROLE_ARN']).toBe(LAST)
    expect(envFor(gen.pod())).not.toHaveProperty('LANYARD_ASSUME_ROLE_ARN')
  })

  it('may leave the source identity to the namespace, which minds nobody without a chain', () => {
    const of = beside({ 'lanyard.dev/source-identity': 'shop' })
    expect(envOf(mutated(chained(), of), layout.SIDECAR)['LANYARD_SOURCE_IDENTITY']).toBe('shop')
    expect(envOf(mutated(gen.pod(), of), layout.SIDECAR)).not.toHaveProperty('LANYARD_SOURCE_IDENTITY')
    expect(codesOf(gen.pod({ 'role-arn': ROLE, 'source-identity': 'web' }))).toEqual(['AnnotationsConflict'])
  })
})

describe('a role without an account of AWS', () => {
  const ceph = 'arn:aws:iam:::role/app'
  const fields = (pod: Json, settings: Json) =>
    denied(pod, gen.context(settings)).problems.map(({ code, field }) => `${code} ${field}`)
  const at = (annotation: string): string => `RoleOfNoAccount metadata.annotations[lanyard.dev/${annotation}]`

  it.each(['arn:aws:iam:::role/app', 'arn:aws:iam::tenant:role/app', 'arn:minio:iam:::role/app'])(
    '%s needs the address of its server',
    (arn) => {
      expect(fields(gen.pod({ 'role-arn': arn }), {})).toEqual([at('role-arn')])
      expect(
        injected(gen.pod({ 'role-arn': arn }), gen.context({ 'aws.stsEndpoint': 'https://sts.example.com' })),
      ).toBeTruthy()
    },
  )

  it.each([
    'https://sts.eu-west-1.amazonaws.com',
    'https://STS.amazonaws.com/',
    'https://sts.cn-north-1.amazonaws.com.cn:443',
    'https://sts.eu-west-1.api.aws',
  ])('is none at %s', (endpoint) => {
    expect(fields(gen.pod({ 'role-arn': ceph }), { 'aws.stsEndpoint': endpoint })).toEqual([at('role-arn')])
  })

  it.each(['https://amazonaws.com.example.com', 'https://myamazonaws.com', 'https://sts.example.com/amazonaws.com'])(
    'may be at %s',
    (endpoint) => {
      const context = gen.context({ 'aws.stsEndpoint': endpoint })
      expect(injected(gen.pod({ 'role-arn': ceph }), context).kind).toBe('inject')
    },
  )

  it('is named by the annotation that says it', () => {
    expect(fields(gen.pod({ 'container-roles': `app=${ceph}` }), {})).toEqual([at('container-roles')])
    expect(fields(chained({ 'assume-role-arn': ceph }), {})).toEqual([at('assume-role-arn')])
  })
})

describe('what the operator keeps for himself', () => {
  const reserved = gen.context({ 'defaults.reservedTagKeys': ['team', 'env'] })

  it('is denied as a session tag, in whatever case, and others are not', () => {
    expect(codesOf(chained({ 'assume-role-tags': 'Team=shop stage=dev' }), reserved)).toEqual(['TagKeyReserved'])
    expect(injected(chained({ 'assume-role-tags': 'stage=dev' }), reserved).warnings).toEqual([])
  })
})
