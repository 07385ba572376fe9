import { describe, expect, test } from 'vitest'
import {
  formatDiffs,
  formatJson,
  formatNotes,
  formatUnknown,
  isRefused,
  parseManifests,
} from '../../../src/manifests/index.ts'
import { gen, type Json } from '../../support/gen.ts'
import { plain } from '../terminal/plain.ts'
import { file, inject } from './support.ts'

const podOf = (name: string, annotations: Readonly<Record<string, string>>, spec: Json = {}): string => {
  const pod = gen.pod(annotations, spec)
  return JSON.stringify({ ...pod, metadata: { ...(pod['metadata'] as Json), name } })
}
const ROLE = { 'role-arn': 'arn:aws:iam::111122223333:role/app' }
const plainly = { style: plain, isTerminal: false }

describe('formatNotes', () => {
  test('says a line for everything that was decided, and what to change for every problem', async () => {
    const results = await inject(
      podOf('injected', { ...ROLE, 'session-duration': '15m' }),
      podOf('out', { ...ROLE, inject: 'false' }),
      podOf('unasked', {}),
      podOf('denied', { ...ROLE, 'sesion-name': 'x', region: '?' }),
    )
    expect(formatNotes(results, plainly).split('\n')).toEqual([
      'Pod shop/injected: injected',
      'warning: Pod shop/injected: sessions of 25 minutes or less make botocore and .NET ask for credentials on every call: consider 1h',
      'Pod shop/out: left alone (OptedOut): The pod, or who speaks for it, carries lanyard.dev/inject: "false".',
      expect.stringMatching(/^Pod shop\/denied: denied: AnnotationUnknown: .*sesion-name.*did you mean/),
      expect.stringMatching(/^Pod shop\/denied: denied: AnnotationInvalid: .*region.*Write it like/),
      'Nothing is passed on, since not all of it can be.',
      '',
    ])
  })

  test('says problems to people in blocks, within 80 columns', async () => {
    const results = await inject(podOf('denied', { ...ROLE, 'sesion-name': 'x' }))
    const notes = formatNotes(results, { style: plain, isTerminal: true })
    expect(notes).toMatch(/^Pod shop\/denied: denied\n\nAnnotationUnknown [^\n]+\n {2}there is no such annotation/)
    expect(notes.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('says that nothing asks', async () => {
    const nothing = 'Nothing here asks for credentials: it is passed on as it is.\n'
    expect(formatNotes(await inject(podOf('a', {}), 'kind: ConfigMap'), plainly)).toBe(nothing)
    expect(formatNotes([], plainly)).toBe(nothing)
    expect(formatNotes(await inject(podOf('a', { inject: 'false' })), plainly)).toContain(nothing)
  })

  test('says where annotations belong that nobody reads', async () => {
    const template = { spec: { containers: [gen.container()] } }
    const of = (metadata: Json, own: Json): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { template: { ...template, metadata: own } },
      })
    const ours = { annotations: { 'lanyard.dev/role-arn': ROLE['role-arn'] } }
    const warning = 'its own lanyard.dev/ annotations say nothing: put them on spec.template.metadata.annotations'
    // Beside annotations of the template as well: those that are elsewhere are lost all the same.
    for (const own of [{}, ours]) {
      const results = await inject(of({ name: 'web', ...ours }, own))
      expect(formatNotes(results, plainly)).toContain(`warning: Deployment default/web: ${warning}\n`)
      expect(JSON.parse(formatJson(results))).toMatchObject({ warnings: [warning] })
    }
    for (const text of [of({ name: 'web' }, ours), of({ name: 'web' }, {}), podOf('web', ROLE)]) {
      const results = await inject(text)
      expect(formatNotes(results, plainly)).not.toContain('warning')
      expect(JSON.parse(formatJson(results))).toMatchObject({ warnings: [] })
    }
  })

  test('forges no line, whatever things are called', async () => {
    const results = await inject(podOf('a\nPod shop/b: injected\u001b[2K', ROLE))
    expect(formatNotes(results, plainly)).toBe('Pod shop/a Pod shop/b: injected [2K: injected\n')
  })

  test('says what cannot be written', async () => {
    const [manifest] = parseManifests([file('a: 1')])
    if (manifest === undefined) throw new Error('nothing was read')
    const result = {
      manifest,
      verdicts: [],
      text: 'a: 1',
      problems: [{ code: 'ManifestUnchangeable', message: 'x' }],
    } as const
    expect(isRefused(result)).toBe(true)
    expect(formatNotes([result], plainly)).toMatch(/^web\.yaml, document 1: not written: ManifestUnchangeable: x\. /)
  })
})

test('formatUnknown names some, and counts the rest', () => {
  expect(formatUnknown(new Set())).toBe('')
  expect(formatUnknown(new Set(['Namespace a', 'Namespace b']))).toBe(
    'Not given, and taken as without annotations: Namespace a, Namespace b (--namespace-file, --service-account-file or --from-cluster)\n',
  )
  expect(formatUnknown(new Set(['1', '2', '3', '4', '5', '6', '7']))).toContain('1, 2, 3, 4, 5 and 2 more (')
})

test('formatJson: an object a line for each workload', async () => {
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [gen.pod(ROLE), gen.pod({ x: 'y' })].map((pod) => ({ ...pod })),
  })
  const lines = formatJson(await inject('kind: ConfigMap', list, podOf('unasked', {})))
  const [first, second, third, ...others] = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json)
  expect(others).toEqual([])
  expect(first).toMatchObject({
    ...{ file: '1.yaml', document: 1, kind: 'Pod', namespace: 'shop', name: 'web', outcome: 'inject' },
    warnings: [],
    problems: [],
  })
  // Of the object itself: what `kubectl patch --type=json` would take.
  expect(first?.['patch']).toContainEqual(expect.objectContaining({ op: 'add', path: '/spec/volumes' }))
  expect(second).toMatchObject({ outcome: 'deny', patch: [] })
  expect(second?.['problems']).toContainEqual({
    ...{ code: 'AnnotationUnknown', field: 'metadata.annotations[lanyard.dev/x]' },
    ...{ message: expect.any(String), fix: expect.any(String) },
  })
  expect(third).toMatchObject({ name: 'unasked', outcome: 'skip', reason: 'NotRequested', patch: [] })
})

describe('formatDiffs', () => {
  test('shows what changes, by document', async () => {
    const text = ['apiVersion: v1', 'kind: Pod', 'metadata:', '  name: web', '  annotations:'].join('\n')
    const pod = `${text}\n    lanyard.dev/role-arn: ${ROLE['role-arn']}\nspec:\n  containers:\n    - name: app\n`
    const [first = '', ...others] = formatDiffs(await inject(pod, podOf('unasked', {}), pod), plain).split(/\n(?=Pod )/)
    expect(others).toEqual([first])
    expect(first.split('\n').slice(0, 8)).toEqual([
      'Pod default/web',
      '   annotations:',
      `     lanyard.dev/role-arn: ${ROLE['role-arn']}`,
      expect.stringMatching(/^\+ {4}lanyard\.dev\/status: '/),
      ' spec:',
      '   containers:',
      '     - name: app',
      '+      env:',
    ])
    expect(first.split('\n').filter((line) => line.startsWith('-'))).toEqual([])
  })

  test('moves no cursor', async () => {
    const text = JSON.stringify(gen.pod(ROLE)).replace('"kind"', '\r\n"x": "\u202e",\r\n"kind"')
    const shown = formatDiffs(await inject(text), plain)
    expect(shown).toContain('"x": " "')
    expect(shown).not.toMatch(/[\r\u202e]/)
  })
})
