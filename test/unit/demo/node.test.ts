import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { runChild, startChild } from '../../../src/demo/child.ts'
import { deployment, podOf } from '../../../src/demo/deployment.ts'
import {
  asProcess,
  type Container,
  downwardFields,
  freePort,
  makeVolumes,
  mapContainer,
  writeVolumeFile,
} from '../../../src/demo/node.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-demo-node-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
})

const container = (env: Container['env'], volumeMounts: Container['volumeMounts'] = []): Container => ({
  name: 'app',
  command: [],
  env,
  volumeMounts,
})
const row = (inPod: string, here: string) => ({ what: 'row', inPod, here })
const options = { command: [] as readonly string[], cwd: '/', fields: { 'metadata.name': 'web-0' } }
const envOf = (env: Container['env'], mapping: readonly ReturnType<typeof row>[] = []) =>
  asProcess(container(env), mapping, options).env
const mapped = (text: string, ...rows: readonly (readonly [string, string])[]): string | undefined =>
  envOf(
    [{ name: 'X', value: text }],
    rows.map(([inPod, here]) => row(inPod, here)),
  )['X']

describe('a container as a process', () => {
  test('has its own variables and no others', () => {
    expect(envOf([{ name: 'A', value: '1' }, { name: 'B' }])).toEqual({ A: '1', B: '' })
  })

  test('has variables expanded as kubelet does', () => {
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)-$$(A)-$(NONE)-$(C)-$A-$$$$' },
      { name: 'C', value: '$(B' },
    ]
    expect(envOf(env)).toEqual({ A: 'a', B: 'a-$(A)-$(NONE)-$(C)-$A-$$', C: '$(B' })
  })

  test('has what the downward API tells it', () => {
    const valueFrom = (fieldPath: string) => ({ fieldRef: { fieldPath } })
    expect(
      envOf([
        { name: 'A', valueFrom: valueFrom('metadata.name') },
        { name: 'B', valueFrom: valueFrom('metadata.none') },
      ]),
    ).toEqual({ A: 'web-0', B: '' })
    expect(Object.keys(downwardFields('shop', 'web'))).toEqual([
      'metadata.name',
      'metadata.namespace',
      'metadata.uid',
      'spec.serviceAccountName',
    ])
  })

  test('has its command mapped', () => {
    const { command } = asProcess(container([]), [row('/app/x.cjs', '/here/x.ts')], {
      ...options,
      command: ['node', '--flag=/app/x.cjs', '/app/x.cjs'],
    })
    expect(command).toEqual(['node', '--flag=/here/x.ts', '/here/x.ts'])
  })
})

describe('the mapping of texts', () => {
  test.each([
    ['/var/run/a', '/h/a'],
    ['/var/run/a/b', '/h/a/b'],
    ['file:///var/run/a', 'file:///var/run/a'],
    ['/var/run/abc', '/var/run/abc'],
    ['/x/var/run/a', '/x/var/run/a'],
    ['http://127.0.0.1:9797/v1', 'http://127.0.0.1:40000/v1'],
    ['9797', '40000'],
    ['19797', '19797'],
    ['97970', '97970'],
    ['9797.5', '9797.5'],
    ['/var/run/deep/er', '/h/deeper'],
  ])('%j becomes %j', (text, expected) => {
    const rows = [
      ['/var/run/deep', '/h/deep'],
      ['/var/run/deep/er', '/h/deeper'],
      ['/var/run/a', '/h/a'],
      ['9797', '40000'],
    ] as const
    expect(mapped(text, ...rows)).toBe(expected)
  })

  test('is done once: what is here is not looked at again', () => {
    expect(mapped('9797 9798', ['9797', '9798'], ['9798', '9797'])).toBe('9798 9797')
    expect(mapped('/a', ['/a', '/with $& space'])).toBe('/with $& space')
  })
})

describe('volumes', () => {
  test('are directories, and a mount is one of them or a part of it', () => {
    const directoryOf = makeVolumes(root, ['one', 'two'])
    const mounts = [
      { name: 'one', mountPath: '/in/one' },
      { name: 'two', mountPath: '/in/two', subPath: 'app' },
    ]
    const rows = mapContainer(container([], mounts), directoryOf, [row('9797', '1')])
    expect(rows).toEqual([
      { what: 'mount', inPod: '/in/one', here: join(root, 'volumes', 'one') },
      { what: 'mount', inPod: '/in/two', here: join(root, 'volumes', 'two', 'app') },
      row('9797', '1'),
    ])
    expect(existsSync(join(root, 'volumes', 'two', 'app'))).toBe(true)
    writeVolumeFile(directoryOf('one'), 'token', 'text')
    expect(readFileSync(join(root, 'volumes', 'one', 'token'), 'utf8')).toBe('text')
  })

  test('and ports are free ones', async () => {
    const ports = [await freePort(), await freePort()]
    for (const port of ports) expect(port).toBeGreaterThan(1023)
  })
})

test('the pod is what a ReplicaSet makes of the template', () => {
  const { template, whole } = deployment('https://127.0.0.1:1')
  const pod = podOf(template)
  expect(pod).toMatchObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'web-7d4b9c6f5d-',
      namespace: 'shop',
      annotations: { 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web' },
    },
  })
  expect(whole).toMatchObject({ kind: 'Deployment', spec: { template } })
  expect(template['metadata']).not.toHaveProperty('generateName')
})

describe('processes', () => {
  const program = (code: string) => ({ command: [process.execPath, '-e', code], env: { ONLY: 'this' }, cwd: root })
  const kept: { stop: () => Promise<void> }[] = []
  const keep = (child: { stop: () => Promise<void> }): void => void kept.push(child)

  test('run to their end', async () => {
    const code = 'console.log(Object.keys(process.env).join()); console.error("e"); process.exitCode = 3'
    expect(await runChild(program(code), keep)).toEqual({ code: 3, stdout: 'ONLY\n', stderr: 'e\n' })
  })

  test('run to their end, unless they are stopped first', async () => {
    const running = runChild(program('setInterval(() => {}, 1000)'), keep)
    await kept.at(-1)?.stop()
    expect(await running).toEqual({ code: 1, stdout: '', stderr: '' })
  })

  test('go on until they are stopped, and may be stopped twice', async () => {
    const child = startChild(program('console.log("up"); setInterval(() => {}, 1000)'), 'it')
    await child.said(/up/)
    expect(child.output()).toBe('up\n')
    await child.stop()
    await child.stop()
    await expect(child.said(/more/)).rejects.toMatchObject({
      code: 'DemoFailed',
      message: expect.stringContaining('DemoFailed: it ended: up'),
    })
  })
})
