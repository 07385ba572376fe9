import { describe, expect, test } from 'vitest'
import { parseManifests, readSaid, readServerVersion, versionWarnings } from '../../../src/manifests/index.ts'
import { file } from './support.ts'

const saidIn = (...texts: readonly string[]) => readSaid(parseManifests(texts.map((text) => file(text))), 'default')

describe('readSaid', () => {
  const objects = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {a: first}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop, annotations: {a: b}}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {a: last}}}
- {apiVersion: example.com/v1, kind: Namespace, metadata: {name: other, annotations: {a: b}}}
- {kind: Namespace, metadata: {name: other}}`

  test('knows who is among the documents, and by whom nothing is said', () => {
    const said = saidIn(objects)
    expect(said.namespace('shop')).toEqual({ a: 'last' })
    expect(said.serviceAccount('shop', 'web')).toEqual({ a: 'b' })
    expect(said.serviceAccount('default', 'web')).toEqual({})
    for (const none of [said.namespace('other'), said.namespace('toString'), said.serviceAccount('shop', 'other')])
      expect(none).toBeUndefined()
  })

  test.each(['[a]', '{a: 1}', '{a: null}', 'text'])('refuses annotations that are no texts: %s', (annotations) => {
    const text = `{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, annotations: ${annotations}}}`
    expect(() => saidIn(text)).toThrow(
      'ManifestMalformed: web.yaml, document 1: the annotations of ServiceAccount web are not all texts. ',
    )
  })
})

describe('readServerVersion', () => {
  const read = (text: string): number => readServerVersion(text, '--server-version')

  test.each([
    ['1.30', 30],
    ['v1.36.3', 36],
    ['1.31.4-gke.1372000', 31],
    ['v1.32.1+k3s1', 32],
    ['1.103', 103],
    ['2.0', Number.POSITIVE_INFINITY],
  ])('%s', (text, minor) => {
    expect(read(text)).toBe(minor)
  })

  test.each(['', '1', '30', '1.x', '1.30.', 'latest', '-1.30', '1.30 1.31', `1.${'9'.repeat(400)}`])(
    'not %j',
    (text) => {
      expect(() => read(text)).toThrow(
        /^SettingInvalid: --server-version: it is no version of Kubernetes\. Write it like/,
      )
    },
  )

  test.each([
    ['1.29', 'ServerVersionTooOld: --server-version: 1.29 lacks matchConditions of webhooks (on since 1.30). '],
    ['v1.28.9', '1.28 lacks matchConditions of webhooks (on since 1.30) and native sidecars (on since 1.29). '],
    ['0.40', '0.40 lacks matchConditions'],
  ])('too old: %s', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})

test('resources of the pod itself are not heeded before 1.34', () => {
  const pod = { spec: { resources: { limits: { cpu: '1' } } } }
  const warning = 'Kubernetes 1.33 does not heed spec.resources of pods (pod-level resources are on since 1.34)'
  expect(versionWarnings(pod, 33)).toEqual([warning])
  expect(versionWarnings(pod, 34)).toEqual([])
  for (const without of [{ spec: { resources: null } }, { spec: {} }, null, 'x'])
    expect(versionWarnings(without, 33)).toEqual([])
})
