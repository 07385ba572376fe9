import { describe, expect, test } from 'vitest'
import { titleOf } from '../../../../src/doctor/cluster/target.ts'
import { readTarget, targetTextOf } from '../../../../src/doctor/index.ts'

describe('readTarget', () => {
  test.each([
    ['web', 'pod', 'web'],
    ['pod/web', 'pod', 'web'],
    ['po/web', 'pod', 'web'],
    ['pods/web', 'pod', 'web'],
    ['deployment/web', 'deployment', 'web'],
    ['deployment.apps/web', 'deployment', 'web'],
    ['Deployment/web', 'deployment', 'web'],
    ['deploy/web', 'deployment', 'web'],
    ['sts/db', 'statefulset', 'db'],
    ['ds/agent', 'daemonset', 'agent'],
    ['rs/web-5d', 'replicaset', 'web-5d'],
    ['job/once', 'job', 'once'],
    ['cj/nightly', 'cronjob', 'nightly'],
    ['cronjob.batch/nightly', 'cronjob', 'nightly'],
    ['sa/payments', 'serviceaccount', 'payments'],
  ])('%s is %s %s', (text, kind, name) => {
    expect(readTarget(text, 'shop')).toEqual({ kind, name, namespace: 'shop' })
    expect(readTarget(text, undefined)).toEqual({ kind, name, namespace: 'default' })
  })

  test('the namespace of the context is for who says none', () => {
    expect(readTarget('web', undefined, 'shop').namespace).toBe('shop')
    expect(readTarget('web', 'other', 'shop').namespace).toBe('other')
    expect(readTarget(undefined, undefined, 'shop').namespace).toBeUndefined()
    expect(() => readTarget('web', undefined, '../x')).toThrow(/KUBECONFIG/)
  })

  test('a namespace is its own', () => {
    expect(readTarget('ns/shop', undefined)).toEqual({ kind: 'namespace', name: 'shop', namespace: 'shop' })
    expect(readTarget('namespace/shop', 'shop').namespace).toBe('shop')
    expect(() => readTarget('ns/shop', 'other')).toThrow(/another namespace, shop/)
  })

  test('nothing is the installation, of one namespace or of all', () => {
    expect(readTarget(undefined, undefined)).toEqual({ kind: 'installation', name: '', namespace: undefined })
    expect(readTarget(undefined, 'shop').namespace).toBe('shop')
  })

  test.each([
    ['deplyoment/web', undefined, /there is no kind "deplyoment"; did you mean "deployment"/],
    ['pod/../../secrets', undefined, /is no name/],
    ['pod/', undefined, /is no name/],
    ['pod/web/x', undefined, /is no name/],
    ['web', '../x', /no name of a namespace/],
  ])('%s in %s is refused', (text, namespace, message) => {
    expect(() => readTarget(text, namespace)).toThrow(message)
  })

  test.each(['pod', 'sa', 'Deployments'])('%s alone is a kind without a name', (text) => {
    expect(() => readTarget(text, 'shop')).toThrow(/is a kind, without a name \(a pod that is called so is pod\//)
    expect(readTarget(`pod/${text.toLowerCase()}`, 'shop').kind).toBe('pod')
  })

  test('who is refused is told what is taken', () => {
    expect(() => readTarget('deploy/..', 'shop')).toThrow(
      /"\.\." is no name\. Write it like pod\/web or sa\/web; the kinds are pod, deployment, .*serviceaccount, namespace/,
    )
  })

  test('a title has the namespace where the target does not say it', () => {
    expect(titleOf(readTarget(undefined, undefined), 'pod', 'shop', 'web')).toBe('pod/web -n shop')
    expect(titleOf(readTarget('x', 'shop'), 'pod', 'shop', 'web')).toBe('pod/web')
  })
})

describe('targetTextOf', () => {
  test('kind and name may be two words, as for kubectl', () => {
    expect(
      [[], ['web'], ['pod/web'], ['pod', 'web'], ['sa', 'x'], ['deployment.apps', 'web']].map(targetTextOf),
    ).toEqual([undefined, 'web', 'pod/web', 'pod/web', 'sa/x', 'deployment.apps/web'])
  })

  test.each([[['pod/web', 'pod/api']], [['web', 'api']], [['pod', 'web', 'api']]])('%j are several', (words) => {
    expect(() => targetTextOf(words)).toThrow(/TARGET: one at a time: .* are several/)
  })
})
