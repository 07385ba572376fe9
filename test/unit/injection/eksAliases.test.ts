import { describe, expect, it } from 'vitest'
import { type Annotations, admit } from '../../../src/injection/index.ts'
import { admitByEntries, applied } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { at, listAt } from '../../support/tree.ts'
import { contextOf, eks, type Given, podOf } from './eksPods.ts'

describe('its annotations, for a pod that asks for the sidecar', () => {
  const asking = (annotations: Annotations = {}, spec: Json = {}): Json =>
    podOf(spec, { 'lanyard.dev/inject': 'true', ...annotations })
  const decided = (pod: Json, given: Given = {}) => admitByEntries(pod, contextOf(given))
  const rolesOf = (pod: Json, given: Given = {}): unknown => {
    const outcome = decided(pod, given)
    return outcome.kind === 'inject' ? JSON.parse(outcome.audit['roles'] ?? '') : outcome
  }
  const tokenOf = (pod: Json, given: Given = {}): unknown => {
    const outcome = decided(pod, given)
    const volumes = outcome.kind === 'inject' ? listAt(applied(pod, outcome.patch), 'spec', 'volumes') : []
    return at(volumes[0], 'projected', 'sources', 0, 'serviceAccountToken')
  }

  it('are the role, the audience and the lifetime of the token in seconds', () => {
    const account = eks({ audience: 'sts.example.com', 'token-expiration': ' 7200 ' })
    expect(rolesOf(asking(), { account })).toEqual({ app: ROLE })
    expect(tokenOf(asking(), { account })).toMatchObject({ audience: 'sts.example.com', expirationSeconds: 7_200 })
  })

  it("are the pod's own, as to the lifetime of the token and nothing else", () => {
    const own = eks({ 'token-expiration': '3600', audience: 'x', 'role-arn': OTHER_ROLE })
    expect(tokenOf(asking(own), { account: eks({ 'token-expiration': '7200' }) })).toMatchObject({
      audience: 'sts.amazonaws.com',
      expirationSeconds: 3_600,
    })
    expect(rolesOf(asking(own))).toEqual({ app: ROLE })
  })

  it('come behind ours on the same object', () => {
    const account = { 'lanyard.dev/role-arn': OTHER_ROLE, 'lanyard.dev/token-expiration': '1h' }
    expect(rolesOf(asking(), { account })).toEqual({ app: OTHER_ROLE })
    expect(tokenOf(asking(), { account: { ...account, ...eks({ 'token-expiration': '7200' }) } })).toMatchObject({
      expirationSeconds: 3_600,
    })
  })

  it('leave out the containers that the pod has skipped, but those that are named', () => {
    const containers = ['app', 'helper', 'third'].map((name) => gen.container({ name }))
    const own = eks({ 'skip-containers': ' helper , third' })
    expect(rolesOf(asking(own, { containers }))).toEqual({ app: ROLE })
    expect(rolesOf(asking({ ...own, 'lanyard.dev/containers': 'app helper' }, { containers }))).toEqual({
      app: ROLE,
      helper: ROLE,
    })
    const account = { 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/containers': 'helper' }
    expect(rolesOf(asking(own, { containers }), { account })).toEqual({ helper: ROLE })
  })

  it.each<[string, number]>([
    ['300', 600],
    ['999999999999', 86_400],
    ['1h', 86_400],
    ['', 86_400],
    ['1e9', 86_400],
    ['-1', 86_400],
  ])('are no lifetime of the token but within its range: %j', (expiration, seconds) => {
    const account = eks({ 'token-expiration': expiration })
    expect(tokenOf(asking(), { account })).toMatchObject({ expirationSeconds: seconds })
    expect(tokenOf(asking(account))).toMatchObject({ expirationSeconds: seconds })
  })

  it('are absent where they are empty, or a lifetime that is no number', () => {
    const account = eks({ audience: ' ', 'token-expiration': '7200' })
    expect(tokenOf(asking(eks({ 'token-expiration': '1h' })), { account })).toMatchObject({
      audience: 'sts.amazonaws.com',
      expirationSeconds: 7_200,
    })
    expect(decided(asking(), { account: eks({ 'role-arn': ' ' }) })).toMatchObject({
      problems: [{ code: 'RoleMissing' }],
    })
  })

  it.each([
    ['role-arn', ':'],
    ['audience', 'a b'],
  ])('are refused by their own name where they are wrong: %s', (name, text) => {
    expect(decided(asking(), { account: eks({ [name]: text }) })).toMatchObject({
      kind: 'deny',
      problems: [
        { code: 'AnnotationInvalid', field: `ServiceAccount web: metadata.annotations[eks.amazonaws.com/${name}]` },
      ],
    })
  })

  it('are not what decides whether there is injection', () => {
    const out = { 'lanyard.dev/inject': 'false' }
    expect(admit(podOf(), contextOf({ namespace: out }))).toMatchObject({ kind: 'skip', reason: 'OptedOut' })
    expect(admit(podOf(), contextOf({ account: { 'lanyard.dev/region': 'eu-west-2' } }))).toMatchObject({
      kind: 'skip',
      reason: 'NotRequested',
    })
  })

  it('are the role, where a namespace decides that there is injection', () => {
    for (const namespace of [{ 'lanyard.dev/inject': 'true' }, { 'lanyard.dev/role-arn': OTHER_ROLE }])
      expect(rolesOf(podOf(), { namespace })).toEqual({ app: ROLE })
  })

  it('say nothing where compatibility is off, nor on a namespace', () => {
    expect(decided(asking(), { settings: { 'compatibility.eks': false } })).toMatchObject({
      problems: [{ code: 'RoleMissing' }],
    })
    const sources = { serviceAccount: { name: 'web', annotations: {} }, namespace: eks({ 'role-arn': ROLE }) }
    const context = gen.context({ 'compatibility.eks': true }, { sources })
    expect(admitByEntries(asking(), context)).toMatchObject({ problems: [{ code: 'RoleMissing' }] })
  })

  it('are held to what the namespace permits, by their own name', () => {
    const namespace = { 'lanyard.dev/permitted-roles': OTHER_ROLE }
    expect(decided(asking(), { namespace })).toMatchObject({
      problems: [
        { code: 'RoleNotPermitted', field: 'ServiceAccount web: metadata.annotations[eks.amazonaws.com/role-arn]' },
      ],
    })
  })
})
