import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Json } from '../../support/gen.ts'
import { listAt } from '../../support/tree.ts'
import { asks, CONFIG, cronJob, folderWith, pod, ROLE, workload } from './injecting.ts'

const config = ['--config', 'config.yaml']
const documentsIn = (text: string): Json[] => parseAllDocuments(text).map((document) => document.toJS() as Json)
const NOTHING = 'Nothing here asks for credentials: it is passed on as it is.\n'

/** The lines of a stream that are not in another, which it must have in its order. */
function added(before: string, after: string): readonly string[] {
  const old = before.split('\n')
  const more = after.split('\n').filter((line) => line !== old[0] || old.shift() === undefined)
  expect(old).toEqual([])
  return more
}

describe('lanyard inject, in a pipe', () => {
  test.each<[string, string, readonly string[]]>([
    ['Deployment', workload('Deployment', 'apps/v1'), ['spec', 'template', 'spec']],
    ['StatefulSet', workload('StatefulSet', 'apps/v1'), ['spec', 'template', 'spec']],
    ['CronJob', cronJob, ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
    ['Pod', pod(), ['spec']],
  ])('a %s gets the sidecar, and no other line changes', async (kind, text, path) => {
    const { inject } = folderWith({ 'web.yaml': text })
    const { code, stdout, stderr } = await inject(['-f', 'web.yaml', ...config])
    expect([code, stderr.split('\n')[0]]).toEqual([0, `${kind} default/web: injected`])
    expect(added(text, stdout).length).toBeGreaterThan(80)
    const sidecar = listAt(documentsIn(stdout)[0], ...path, 'initContainers')
    expect(sidecar).toMatchObject([{ name: 'lanyard', image: 'registry.example.com/lanyard:1' }])
  })

  test('a stream of many things on the standard input: all of it comes out, once', async () => {
    const before = '# head\n---\napiVersion:   v1\nkind: ConfigMap # keep\ndata: {a: "1",b: 2}\n---\n\n---\n'
    const stream = `${before}${workload('Deployment', 'apps/v1')}---\n${pod({}, 'other')}---\n${cronJob}`
    const { inject } = folderWith({})
    const { code, stdout, stderr } = await inject(['-f', '-', ...config], { input: stream })
    expect(code).toBe(0)
    expect(stdout.startsWith(before)).toBe(true)
    expect(added(stream, stdout).length).toBeGreaterThan(160)
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      'Deployment default/web: injected',
      'CronJob default/web: injected',
    ])
    const again = await inject(['-f', '-', ...config], { input: stdout })
    expect([again.code, again.stdout === stdout]).toEqual([0, true])
    expect(again.stderr).toContain('Deployment default/web: injected already\n')
  })

  test('nothing asks: the bytes that came, and a note', async () => {
    const text = '\uFEFFa:   1\r\n--- # x\r\n{"kind": "Pod" }\n...'
    const { inject } = folderWith({ 'a.yaml': text })
    expect(await inject(['-f', 'a.yaml', ...config])).toMatchObject({ code: 0, stdout: text, stderr: NOTHING })
    expect(await inject(['-f', '-', ...config], { input: '' })).toMatchObject({ code: 0, stdout: '', stderr: NOTHING })
  })

  test('folders and files, in their order', async () => {
    const named = (name: string): string => `{kind: ConfigMap, metadata: {name: ${name}}}`
    const files = { 'in/b.yml': named('b'), 'in/a.yaml': named('a'), 'in/c.json': '{"kind": "c"}' }
    const { inject } = folderWith({ ...files, 'in/d.txt': '[', 'in/sub/e.yaml': '[', 'z.yaml': named('z') })
    const { code, stdout } = await inject(['-f', 'z.yaml', '--filename=in', ...config])
    expect([code, stdout]).toEqual([0, [named('z'), named('a'), named('b'), '{"kind": "c"}'].join('\n---\n')])
  })
})

test('what the configuration permits more than was perhaps meant is told, as the webhook does', async () => {
  const role = (policy: string): string =>
    `{kind: role, namespaces: [shop], providers: [google], roleArn: "${ROLE}"${policy}}`
  const users = `userProviders: {google: {kind: google, clientIds: [a]}}
userRoles:
  files: ${role(`, sessionPolicy: '{"Statement":["{user}"]}'`)}
  all: ${role('')}
`
  const { inject } = folderWith({ 'web.yaml': pod(), 'users.yaml': `${CONFIG}${users}` })
  const { code, stderr } = await inject(['-f', 'web.yaml', '--config', 'users.yaml'])
  const warning = 'warning: userRoles.all is the same for all users: no sessionPolicy with {user} narrows it'
  expect([code, stderr.split('\n')[0]]).toEqual([0, 'Pod default/web: injected'])
  expect(stderr.split('\n').filter((line) => line.includes('userRoles'))).toEqual([warning])
})

describe('denials', () => {
  test('nothing on the standard output, and every problem of every document on the other', async () => {
    const { inject } = folderWith({
      'web.yaml': [
        pod(),
        pod({ ...asks, 'lanyard.dev/regin': 'x' }, 'one'),
        workload('Job', 'batch/v1', { 'lanyard.dev/role-arn': 'x' }),
      ].join('---\n'),
    })
    for (const output of ['yaml', 'diff']) {
      const { code, stdout, stderr } = await inject(['-f', 'web.yaml', '-o', output, ...config])
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr.split('\n').slice(0, 3)).toEqual([
        'Pod default/web: injected',
        expect.stringMatching(
          /^Pod default\/one: denied: AnnotationUnknown: .*lanyard\.dev\/regin.*"lanyard\.dev\/region"/,
        ),
        expect.stringMatching(
          /^Job default\/web: denied: RoleAccountUnknown: metadata\.annotations\[lanyard\.dev\/role-arn\]: /,
        ),
      ])
    }
  })

  test('as JSON they are told there', async () => {
    const { inject } = folderWith({ 'web.yaml': `${pod({ 'lanyard.dev/x': 'y' })}---\n${pod()}` })
    const { code, stdout } = await inject(['-f', 'web.yaml', '--output', 'json', ...config])
    const [first, second] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json)
    expect(code).toBe(1)
    expect(first).toMatchObject({
      kind: 'Pod',
      name: 'web',
      outcome: 'deny',
      problems: [{ code: 'AnnotationUnknown' }],
    })
    expect(second).toMatchObject({ document: 2, outcome: 'inject', problems: [] })
  })
})

describe('lanyard inject, as a diff', () => {
  test('shows what changes, with colours where they are wanted', async () => {
    const { inject } = folderWith({ 'web.yaml': workload('Deployment', 'apps/v1') })
    const args = ['-f', 'web.yaml', '--output=diff', ...config]
    const plainly = await inject(args)
    expect(plainly.stdout.split('\n').slice(0, 2)).toEqual(['Deployment default/web', '       annotations:'])
    expect(plainly.stdout).toMatch(/\n\+ +initContainers:\n/)
    const coloured = await inject(args, { env: { FORCE_COLOR: '1' } })
    expect(coloured.stdout).toContain('\u001b[32m+      initContainers:\u001b[39m\n')
  })
})

describe('what a person gives beside the manifests', () => {
  const bare = pod({ 'lanyard.dev/inject': 'true' })
  const namespaces = (permitted: string): string =>
    `{apiVersion: v1, kind: Namespace, metadata: {name: default, annotations: {lanyard.dev/permitted-roles: "${permitted}"}}}\n`
  const account = `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, annotations: {lanyard.dev/role-arn: "${ROLE}"}}}\n`

  test('ServiceAccounts and Namespaces of files, of the stream, or of nobody', async () => {
    const { inject } = folderWith({
      'pod.yaml': bare,
      'sa.yaml': account,
      'ns.yaml': namespaces('arn:aws:iam::111122223333:role/*'),
    })
    const given = ['--service-account-file', 'sa.yaml', '--namespace-file', 'ns.yaml']
    expect(await inject(['-f', 'pod.yaml', ...given, ...config])).toMatchObject({
      code: 0,
      stderr: 'Pod default/web: injected\n',
    })
    expect(await inject(['-f', 'pod.yaml', '-f', 'sa.yaml', '-f', 'ns.yaml', ...config])).toMatchObject({
      code: 0,
      stderr: 'Pod default/web: injected\n',
    })
    const alone = await inject(['-f', 'pod.yaml', ...config])
    expect([alone.code, alone.stdout]).toEqual([1, ''])
    expect(alone.stderr).toMatch(/^Pod default\/web: denied: RoleMissing: /)
    expect(alone.stderr).toContain(
      'Not given, and taken as without annotations: ServiceAccount default/default, Namespace default (--namespace-file',
    )
  })

  test('what the namespace may not use is denied, in whichever namespace --namespace says', async () => {
    const { inject } = folderWith({ 'pod.yaml': pod(), 'ns.yaml': namespaces('arn:aws:iam::111122223333:role/other') })
    const args = ['-f', 'pod.yaml', '--namespace-file', 'ns.yaml', ...config]
    const denied = await inject(args)
    expect([denied.code, denied.stderr]).toEqual([
      1,
      expect.stringContaining('Pod default/web: denied: RoleNotPermitted: '),
    ])
    const elsewhere = await inject([...args, '-n', 'elsewhere'])
    expect([elsewhere.code, elsewhere.stderr]).toEqual([0, expect.stringContaining('Pod elsewhere/web: injected\n')])
  })

  test('the image by a flag or a variable, without any configuration', async () => {
    const { inject } = folderWith({ 'pod.yaml': pod() })
    const byFlag = await inject(['-f', 'pod.yaml', '--sidecar-image', 'a.example.com/lanyard:2'])
    expect(byFlag.stdout).toContain('image: a.example.com/lanyard:2\n')
    const byVariable = await inject(['-f', 'pod.yaml'], { env: { LANYARD_SIDECAR_IMAGE: 'b.example.com/lanyard:3' } })
    expect(byVariable.stdout).toContain('image: b.example.com/lanyard:3\n')
  })

  test('--server-version warns of what so old a Kubernetes does not heed', async () => {
    const { inject } = folderWith({
      'pod.yaml': pod().replace('spec:', 'spec:\n  resources: {limits: {cpu: 1, memory: 1Gi}}'),
    })
    const at = (version: string) => inject(['-f', 'pod.yaml', '--server-version', version, ...config])
    expect((await at('1.33')).stderr).toContain(
      'warning: Pod default/web: Kubernetes 1.33 does not heed spec.resources',
    )
    expect((await at('v1.34.1')).stderr).not.toContain('does not heed')
  })
})
