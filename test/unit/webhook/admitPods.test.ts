import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import type { Annotations } from '../../../src/injection/index.ts'
import { type Admit, admitPods, type Lookup } from '../../../src/webhook/index.ts'
import { gen, OTHER_ROLE, ROLE } from '../../support/gen.ts'

const ground = { config: gen.config({ 'compatibility.eks': true }), version: '0.1.0' }
const EKS = { 'eks.amazonaws.com/role-arn': ROLE }

type Said = { readonly account?: Annotations; readonly namespace?: Annotations }

/** Remembers what it was asked. */
function memory({ account = {}, namespace = {} }: Said = {}): Lookup & { readonly asked: string[] } {
  const asked: string[] = []
  const answer = (what: string, annotations: Annotations): Promise<Annotations> => {
    asked.push(what)
    return Promise.resolve(annotations)
  }
  return {
    asked,
    serviceAccount: (where, name) => answer(`${where}/${name}`, account),
    namespace: (name, now) => answer(now ? `${name} now` : name, namespace),
  }
}

const unavailable = new Failure({
  code: 'ClusterUnreachable',
  field: 'ServiceAccount shop/web',
  message: 'status 503 (down)',
})
const failing = (thrown: unknown): Lookup => ({
  serviceAccount: () => Promise.reject(thrown),
  namespace: () => Promise.resolve({}),
})

const asking = gen.pod({ inject: 'true' }, { serviceAccountName: 'web' })
const request = { namespace: 'shop', entry: 'lanyard' } as const
const atEks = { namespace: 'shop', entry: 'eks' } as const
const rolesOf = async (outcome: ReturnType<Admit>): Promise<unknown> => {
  const decided = await outcome
  return decided.kind === 'inject' ? decided.audit : decided
}

describe('what is asked', () => {
  test("are the pod's ServiceAccount and the namespace of the request, not the pod's", async () => {
    const lookup = memory({ account: { 'lanyard.dev/role-arn': ROLE } })
    const pod = { ...asking, metadata: { ...(asking['metadata'] as object), namespace: 'elsewhere' } }
    expect(await rolesOf(admitPods(ground, lookup)(pod, request))).toEqual({ roles: JSON.stringify({ app: ROLE }) })
    expect(lookup.asked).toEqual(['shop/web', 'shop'])
  })

  test('is the default account of a pod that names none, or is none', async () => {
    const lookup = memory()
    const admit = admitPods(ground, lookup)
    await admit(gen.pod(), request)
    expect(await admit(null, request)).toMatchObject({ kind: 'deny', problems: [{ code: 'PodInvalid' }] })
    expect(await admit({ spec: { serviceAccountName: 7 } }, request)).toMatchObject({ kind: 'deny' })
    expect(lookup.asked.filter((what) => what !== 'shop')).toEqual(['shop/default', 'shop/default', 'shop/default'])
  })

  test('is the namespace as it is now, where roles must be permitted', async () => {
    const config = gen.config({ 'compatibility.eks': true, 'permission.mode': 'required' })
    const lookup = memory({ account: EKS })
    const admit = admitPods({ ...ground, config }, lookup)
    await admit(asking, request)
    await admit(gen.pod({}), atEks)
    expect(lookup.asked).toEqual(['shop/web', 'shop now', 'shop/default', 'shop now'])
  })

  test.each<[string, Annotations, readonly string[]]>([
    ['nothing', {}, []],
    ['an empty role', { 'eks.amazonaws.com/role-arn': ' ' }, []],
    ['a role to Lanyard alone', { 'lanyard.dev/role-arn': ROLE }, []],
    ['a role', EKS, ['shop']],
  ])("is the namespace at EKS's entry only where the account has a role there: %s", async (_what, account, more) => {
    const lookup = memory({ account })
    await admitPods(ground, lookup)(gen.pod({}, { serviceAccountName: 'web' }), atEks)
    expect(lookup.asked).toEqual(['shop/web', ...more])
  })

  test('is nothing without a lookup', async () => {
    const admit = admitPods(ground, undefined)
    expect(await admit(asking, request)).toMatchObject({
      problems: [{ code: 'RoleMissing', message: 'there is no role' }],
    })
    expect(await rolesOf(admit(gen.pod(), request))).toEqual({ roles: JSON.stringify({ app: ROLE }) })
    expect(await admit(gen.pod({}), atEks)).toMatchObject({ kind: 'skip' })
  })
})

describe('what is said there', () => {
  test('of the namespace is heeded after the account', async () => {
    const lookup = memory({ namespace: { 'lanyard.dev/role-arn': OTHER_ROLE } })
    expect(await rolesOf(admitPods(ground, lookup)(asking, request))).toEqual({
      roles: JSON.stringify({ app: OTHER_ROLE }),
    })
  })

  test('of what the namespace permits is held to', async () => {
    const lookup = memory({ namespace: { 'lanyard.dev/permitted-roles': OTHER_ROLE } })
    expect(await admitPods(ground, lookup)(gen.pod(), request)).toMatchObject({
      problems: [{ code: 'RoleNotPermitted' }],
    })
  })

  test("of what the namespace permits is held to at EKS's entry as well", async () => {
    const lookup = memory({ account: EKS, namespace: { 'lanyard.dev/permitted-roles': OTHER_ROLE } })
    expect(await admitPods(ground, lookup)(gen.pod({}), atEks)).toMatchObject({
      problems: [{ code: 'RoleNotPermitted' }],
    })
  })

  test('is read by the entry that asks', async () => {
    const admit = admitPods(ground, memory({ account: EKS }))
    const silent = gen.pod({}, { serviceAccountName: 'web' })
    expect(await admit(silent, request)).toMatchObject({ kind: 'skip', reason: 'NotRequested' })
    expect(await rolesOf(admit(silent, atEks))).toEqual({ role: ROLE })
    expect(await admit(asking, atEks)).toMatchObject({ kind: 'skip' })
  })
})

describe('where it cannot be read', () => {
  test('a pod that asks for Lanyard is refused, and told which object', async () => {
    expect(await admitPods(ground, failing(unavailable))(asking, request)).toEqual({
      kind: 'deny',
      problems: [
        {
          code: 'SourceUnreadable',
          field: 'ServiceAccount shop/web',
          message: 'ClusterUnreachable: status 503 (down)',
        },
      ],
      warnings: [],
    })
  })

  test('a problem without a place has none', async () => {
    const failure = new Failure({ code: 'ClusterUnreachable', message: 'gone' })
    const outcome = await admitPods(ground, failing(failure))(asking, request)
    expect(outcome).toEqual({
      kind: 'deny',
      problems: [{ code: 'SourceUnreadable', message: 'ClusterUnreachable: gone' }],
      warnings: [],
    })
  })

  test('so is one that says its role itself: the namespace may not permit it', async () => {
    expect(await admitPods(ground, failing(unavailable))(gen.pod(), request)).toMatchObject({
      problems: [{ code: 'SourceUnreadable' }],
    })
  })

  test("it is for the entry of EKS's annotations to say what becomes of the pod", async () => {
    await expect(admitPods(ground, failing(unavailable))(asking, atEks)).rejects.toBe(unavailable)
  })

  test('what is no Failure is a defect, and hidden nowhere', async () => {
    const defect = new TypeError('x')
    await expect(admitPods(ground, failing(defect))(asking, request)).rejects.toBe(defect)
    await expect(admitPods(ground, failing(defect))(asking, atEks)).rejects.toBe(defect)
  })
})
