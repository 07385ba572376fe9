import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify, type ToStringOptions } from 'yaml'
import { parseManifests } from '../../../src/manifests/index.ts'
import { patchText } from '../../../src/manifests/render.ts'
import { applied } from '../../support/admitting.ts'
import { arbitraryPod } from '../../support/arbitraryPods.ts'
import type { Json } from '../../support/gen.ts'
import { at } from '../../support/tree.ts'
import { addedLines, file, inject, injected } from './support.ts'

const deploymentOf = (template: unknown): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template },
})

const yaml =
  (style: ToStringOptions, aliasDuplicateObjects = false) =>
  (value: unknown): string =>
    stringify(value, { schema: 'yaml-1.1', merge: true, aliasDuplicateObjects, ...style })

const spellings: Readonly<Record<string, (value: unknown) => string>> = {
  'as most write it': yaml({ lineWidth: 0 }),
  'wide, with lists half in': yaml({ lineWidth: 40, indent: 4, indentSeq: false }),
  'with aliases': yaml({}, true),
  'with lines that end as on Windows': (value) => yaml({ indentSeq: false })(value).replaceAll('\n', '\r\n'),
  'as JSON on a line': (value) => JSON.stringify(value),
  'as JSON with tabs': (value) => `${JSON.stringify(value, null, '\t')}\n`,
  'as JSON between markers': (value) => `--- ${JSON.stringify(value, null, 2)}\n...\n`,
  'in braces': yaml({ collectionStyle: 'flow' }),
}

/** The library writes such a key without its quotes, and it would be another thing. */
const pods = arbitraryPod().filter((pod) => !JSON.stringify(pod).includes('"<<"'))

describe('patchText, in every spelling', () => {
  test.each(Object.entries(spellings))('%s: it is what RFC 6902 makes of it, once', async (_, spell) => {
    await fc.assert(
      fc.asyncProperty(pods, async (pod) => {
        const text = spell(deploymentOf(pod))
        const [result] = await inject(text)
        const after = await injected(text)
        const outcome = result?.verdicts[0]?.outcome
        if (outcome?.kind !== 'inject') {
          expect(after).toBe(text)
          return
        }
        expect(parseManifests([file(after)])[0]?.value).toEqual(applied(result?.manifest.value, outcome.patch))
        expect(await injected(after)).toBe(after)
      }),
      { numRuns: 8 },
    )
  })

  test.each(['as most write it', 'as JSON with tabs'])('%s: whoever asks for nothing stays as it is', async (name) => {
    const text = spellings[name]?.({ ...deploymentOf({ spec: { containers: [] } }) }) ?? ''
    expect(await injected(text)).toBe(text)
  })
})

const ROLE_LINE = 'lanyard.dev/role-arn: arn:aws:iam::111122223333:role/app'
const template = (...lines: readonly string[]): string =>
  ['apiVersion: apps/v1', 'kind: Deployment', 'metadata: {name: "web"}', ...lines, ''].join('\n')

describe('what is around stays', () => {
  const mixed = template(
    'spec:   # how',
    '  replicas: 0x2',
    '',
    '',
    '  template:',
    '    metadata:',
    '      annotations:',
    `        ${ROLE_LINE}      # the role`,
    '        big: !keep "12345678901234567890"',
    '    spec:',
    '      terminationGracePeriodSeconds: 12345678901234567890',
    '      # the containers',
    '      containers:',
    '        - name:  app',
    '          image: "app:1"',
    '          args: [ --a,"--b" ]',
    "          command: ['sh', -c, 'a",
    "            b']",
    '          env:',
    "          - {name: A, value: 'x'}",
    '          # behind it',
    '          - name: B',
    '            value: >-',
    '              folded',
    '              text',
    '',
    '        - image: other:1   # another',
    '          name: other',
    '          volumeMounts:',
    '            - name: data',
    '              mountPath: /data',
    '          # the end of it',
    '      volumes:',
    '      -   name: data',
    '          emptyDir: {}',
    '# the end',
  )

  test('comments, blanks, quotes, folds and numbers', async () => {
    const added = addedLines(mixed, await injected(mixed))
    expect(added.length).toBeGreaterThan(100)
    expect(added.filter((line) => !/^ {6,}\S/.test(line))).toEqual([])
    // Each as its neighbours are indented, though they differ.
    for (const line of ['          - name: AWS_REGION', '      - name: lanyard-state', '          volumeMounts:'])
      expect(added).toContain(line)
  })

  test('lines that end as on Windows', async () => {
    const text = mixed.replaceAll('\n', '\r\n')
    const after = await injected(text)
    expect(after.split('\n').filter((line) => !line.endsWith('\r'))).toEqual([''])
    expect(after.replaceAll('\r\n', '\n')).toBe(await injected(mixed))
  })

  test('everything else in a stream, byte for byte', async () => {
    const before = '\uFEFF# a\r\n%: x\n---\n\na:   [1 ,2]\n--- # b\n'
    const behind = '---\n"c" :  !x |+\n  d\n\n\n---\n...\n---'
    const stream = `${before}${mixed}${behind}`
    expect(await injected(stream)).toBe(`${before}${await injected(mixed)}${behind}`)
  })

  test('numbers as they are written, also where a document is written anew', async () => {
    const lines = ['{apiVersion: v1, kind: Pod, metadata: {annotations: {', ` ${ROLE_LINE}, "yes": "on"}}, spec: {x: [`]
    const text = `${lines.join('\n')}\n 12345678901234567890, 0x1F, 0644, 1e3], containers: [{name: app\n}]}}\n`
    const after = await injected(text)
    expect(after).toContain('[12345678901234567890, 0x1F, 0644, 1e3]')
    expect(after).toContain('"yes": "on"')
    expect(await injected(text.replaceAll('\n', '\r\n'))).toBe(after.replaceAll('\n', '\r\n'))
  })

  test('the objects of a JSON stream that do not ask, and numbers that JavaScript cannot count', async () => {
    const own = JSON.stringify(
      deploymentOf({
        metadata: { annotations: { [ROLE_LINE.split(': ')[0] ?? '']: 'arn:aws:iam::111122223333:role/app' } },
        spec: { containers: [{ name: 'app' }] },
      }),
      null,
      3,
    )
    const big = own.replace('"spec": {', '"spec": {\n      "big": 12345678901234567890,')
    const after = await injected(`{"a" :1}{"b": 2 }\n${big}\n{ }`)
    expect(after.startsWith('{"a" :1}{"b": 2 }\n{')).toBe(true)
    expect(after.endsWith('}\n{ }')).toBe(true)
    expect(after).toContain('      "big": 12345678901234567890,\n')
    // On a line of its own it can be kept, in one with the rest it cannot.
    const [refused] = await inject(
      JSON.stringify(JSON.parse(own)).replace('"spec":{', '"spec":{"big":12345678901234567890,'),
    )
    expect(refused?.problems).toMatchObject([{ code: 'ManifestUnchangeable', field: '0.yaml, document 1' }])
  })
})

describe('anchors', () => {
  const shared = template(
    'x-env: &env',
    '  - name: A',
    '    value: a',
    'x-base: &base {image: app:1, env: *env}',
    'spec:',
    '  template:',
    '    metadata:',
    '      annotations:',
    `        ${ROLE_LINE}`,
    '    spec:',
    '      containers:',
    '        - name: app',
    '          env: *env   # shared',
    '        - name: other',
    '          <<: *base',
    '          image: other:1',
    '        - {<<: [*base], name: third}',
  )

  test('are written out, so that nothing but the pod changes', async () => {
    const after = await injected(shared)
    const value = parseManifests([file(after)])[0]?.value
    expect(after).not.toMatch(/[&*]env|<<|&base/)
    expect(at(value, 'x-env')).toEqual([{ name: 'A', value: 'a' }])
    expect(at(value, 'x-base')).toEqual({ image: 'app:1', env: [{ name: 'A', value: 'a' }] })
    expect(at(value, 'spec', 'template', 'spec', 'containers', 1)).toMatchObject({ name: 'other', image: 'other:1' })
    expect(at(value, 'spec', 'template', 'spec', 'containers', 2, 'env', 0)).toEqual({ name: 'A', value: 'a' })
    expect(await injected(after)).toBe(after)
  })

  test('stay where nothing is injected', async () => {
    const text = shared.replace(ROLE_LINE, 'a: b')
    expect(await injected(text)).toBe(text)
  })
})

test('what would be read as something else is not written', () => {
  const [manifest] = parseManifests([file('a:\n  b: 1\n')])
  if (manifest === undefined) throw new Error('nothing was read')
  const patch = [{ op: 'add', path: '/a/c', value: 2 }] as const
  expect(patchText({ ...manifest, text: 'a:\n    b:  1\n' }, patch)).toBe('a:\n    b:  1\n    c: 2\n')
  for (const text of ['a:\n    b: 1\nz: 2\n', '  a:\n    b: 1\nz: 2\n', 'a:\n  b: 1\n---\na:\n  b: 1\n'])
    expect(patchText({ ...manifest, text }, patch)).toMatch(/^a:\n +b: 1\n +c: 2\n$/)
})

test('what does not fit is refused rather than written', () => {
  const [manifest] = parseManifests([file('a: {}\n')])
  if (manifest === undefined) throw new Error('nothing was read')
  const patch = (path: string) => () => patchText(manifest, [{ op: 'add', path, value: 1 }])
  expect(patch('/b/c')).toThrow('ManifestUnchangeable: web.yaml, document 1: what is to be injected cannot be written')
  expect(patch('/a/c')()).toBe('a:\n  c: 1\n')
})
