import { describe, expect, it } from 'vitest'
import type { Annotations } from '../../../src/injection/index.ts'
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

  it.each(['300', '1h', '', '1e9'])('are refused by their own name where they are wrong: %j', (expiration) => {
    const outcome = decided(asking(), { account: eks({ 'token-expiration': expiration }) })
    expect(outcome).toMatchObject({
      kind: 'deny',
      problems: [
        {
          code: 'AnnotationInvalid',
          field: 'ServiceAccount web: metadata.annotations[eks.amazonaws.com/token-expiration]',
        },
      ],
    })
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
