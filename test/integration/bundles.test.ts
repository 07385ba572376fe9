import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Built, bundleOf, bundles, optionsOf, type Variant } from '../../scripts/build/bundles.ts'
import { buildAll } from '../../scripts/build/dist.ts'
import { buildImages } from '../../scripts/build/image.ts'
import { TABLES } from '../../scripts/build/unused.ts'
import { deployment, podOf } from '../../src/demo/deployment.ts'
import { preparePod } from '../../src/demo/pod.ts'
import { admitPod } from '../../src/demo/review.ts'
import { setStage, startDemoWebhook } from '../../src/demo/stage.ts'
import { createCertificateAuthority } from '../../src/testbed/index.ts'
import { freePort } from '../support/processes.ts'
import { install } from './installed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parent = mkdtempSync(join(tmpdir(), 'lanyard-build-'))
const dist = join(parent, 'dist')
const bundle = (name: string): string => join(dist, 'bundles', name)
const images = join(parent, 'image')
/** kB that the slim image's sidecar may have. */
const SLIM_KB = 115
const SLIM = join(images, 'slim/app/sidecar.cjs')
let built: readonly Built[] = []

beforeAll(async () => {
  built = await buildAll(root, dist)
  await buildImages(root, images)
}, 60_000)

afterAll(() => rmSync(parent, { recursive: true, force: true }))

test('the bundles of every pod stay small', () => {
  const kilobytes = Object.fromEntries(built.map(({ name, bytes }) => [name, bytes / 1024]))
  expect(kilobytes['sidecar.cjs']).toBeLessThan(225)
  expect(statSync(SLIM).size / 1024).toBeLessThan(SLIM_KB)
  expect(kilobytes['federated.cjs']).toBeLessThan(540)
  expect(kilobytes['broker.cjs']).toBeLessThan(270)
  expect(kilobytes['wait.cjs']).toBeLessThan(1.5)
})

test.each(['sidecar.cjs', 'federated.cjs', 'broker.cjs'])(
  '%s names no code whose table it was left without',
  (name) => {
    const unused = bundles.find((one) => one.name === name)?.leaveOut
    const left = Object.values(TABLES).filter(
      (table) => unused?.test(`/src/${table}.ts`) && table.startsWith('errors/'),
    )
    const names = left.flatMap((table) =>
      [...readFileSync(join(root, `src/${table}.ts`), 'utf8').matchAll(/^ {2}(\w+): \{/gm)].map(
        ([, code]) => code ?? '',
      ),
    )
    const text = readFileSync(bundle(name), 'utf8')
    expect(left.length).toBeGreaterThan(1)
    expect(names.filter((code) => text.includes(`"${code}"`) || text.includes(`\`${code}\``))).toEqual([])
  },
)

test.each<[Variant, string]>([
  ['product', 'cmd/demoSidecar.ts'],
  ['slim', 'cmd/demoSlim.ts'],
])(
  'the sidecar of the image %s misses nothing of what its bundle was left without',
  async (variant, entry) => {
    const outfile = join(parent, `${variant}.cjs`)
    await build({ ...optionsOf({ ...bundleOf(variant, 'sidecar.cjs'), entry }, root), outfile })
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', 'test/integration/sidecar'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LANYARD_TEST_SIDECAR: relative(join(root, 'cmd'), outfile), NO_COLOR: '1' },
    })
    expect(status, stdout + stderr).toBe(0)
  },
  300_000,
)

test('the doctor of the image misses nothing of what its bundle was left without', () => {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/integration/doctor/inPod.test.ts']
  const program = relative(join(root, 'cmd'), bundle('doctor.cjs'))
  const env = { PATH: process.env['PATH'], LANYARD_TEST_DOCTOR: program, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })
  expect(status, stdout + stderr).toBe(0)
}, 120_000)

test.each<[string, () => string]>([
  ['product', () => bundle('sidecar.cjs')],
  ['slim', () => SLIM],
])('the bundle of the sidecar of the image %s holds no code for what it never does', (_, path) => {
  const text = readFileSync(path(), 'utf8')
  const holds = (words: readonly string[]): readonly string[] => words.filter((word) => text.includes(word))
  // Names that no minifier changes: a task role's URI, single sign-on, Node's own metrics, tracing.
  expect(
    holds(['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'sso_start_url', 'nodejs_eventloop_lag', 'opentelemetry']),
  ).toEqual([])
  expect(holds(['AssumeRoleWithWebIdentity', 'lanyard_sts_request_duration_seconds'])).toHaveLength(2)
})

test('a pod that the bundled webhook patched has credentials of the bundled sidecar in the bundled app', async () => {
  // The demo calls `lanyard webhook`; the bundle is that command alone.
  const webhook = join(parent, 'webhook.cjs')
  writeFileSync(webhook, `process.argv.splice(2, 1)\nrequire(${JSON.stringify(bundle('webhook.cjs'))})\n`)
  const stage = await setStage({
    node: process.execPath,
    lanyard: webhook,
    sidecar: bundle('sidecar.cjs'),
    wait: bundle('wait.cjs'),
    app: join(images, 'testbed/app/whoami.cjs'),
  })
  try {
    const { sts, ca } = stage.outside
    const url = await startDemoWebhook(stage)
    const { pod } = await admitPod(url, ca.pem, podOf(deployment(sts.url).template))
    const prepared = await preparePod(stage, pod)
    const sidecar = await prepared.startSidecar()
    expect(await prepared.runApp()).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:sts::111122223333:assumed-role\/web\/shop\.web\./),
      accessKeyId: expect.stringMatching(/^ASIA/),
    })
    const metrics = await fetch(`http://127.0.0.1:${prepared.ports.metrics}/metrics`)
    expect(await metrics.text()).toContain('lanyard_credentials_refreshes_total{')
    expect(sidecar.output()).toContain('credentials obtained')
  } finally {
    await stage.strike()
  }
})

describe('the files of the images', () => {
  const read = (...names: readonly string[]): string => readFileSync(join(images, ...names), 'utf8')
  const billOf = (variant: Variant): Bill => JSON.parse(read(variant, 'sbom', 'lanyard.cdx.json'))

  test('are bundles, authorities, licences and a bill of materials', () => {
    const files = readdirSync(images, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(images.length + 1)).sort()
    const isAuthority = (name: string): boolean => /^(product|slim)\/app\/authorities\/[0-9a-f]{8}\.\d$/.test(name)
    // Node's own: each once in either image.
    expect(names.filter(isAuthority)).toHaveLength(2 * rootCertificates.length)
    const command = 'usr/local/bin/lanyard'
    const told = ['licenses/LICENSE', 'licenses/THIRD-PARTY', 'sbom/lanyard.cdx.json']
    const programs = ['broker', 'doctor', 'federated', 'sidecar', 'wait', 'webhook'].map((name) => `app/${name}.cjs`)
    expect(names.filter((name) => !isAuthority(name))).toEqual([
      ...[...programs, ...told, command].map((name) => `product/${name}`),
      ...[...programs, ...told, command].map((name) => `slim/${name}`),
      ...['app/testbed.cjs', 'app/whoami.cjs', ...told].map((name) => `testbed/${name}`),
    ])
    for (const { name } of built) expect(read('product', 'app', name)).toBe(readFileSync(bundle(name), 'utf8'))
  })

  test('differ between the slim image and the other in the sidecar alone', () => {
    const isSame = (name: string): boolean => read('slim', 'app', name) === read('product', 'app', name)
    const names = readdirSync(join(images, 'product/app'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(join(images, 'product/app'), join(parentPath, name)))
    expect(names.filter((name) => !isSame(name))).toEqual(['sidecar.cjs'])
    const { components } = billOf('slim')
    const inSidecar = components.filter(({ properties }) => properties.some(({ value }) => value === 'sidecar.cjs'))
    expect(inSidecar.map(({ purl }) => purl.replace(/@[^@]+$/, ''))).toEqual(['pkg:npm/jose', 'pkg:npm/prom-client'])
  })

  test('name every package that is in the bundles, and none that is not', () => {
    const { components } = billOf('product')
    const bundlesOf = (name: string): readonly string[] | undefined =>
      components.find(({ purl }) => purl.startsWith(`pkg:npm/${name}@`))?.properties.map(({ value }) => value)
    expect(bundlesOf('%40aws-sdk/client-sts')).toEqual(['sidecar.cjs', 'federated.cjs', 'broker.cjs', 'doctor.cjs'])
    expect(bundlesOf('xml-crypto')).toEqual(['federated.cjs', 'doctor.cjs'])
    expect(bundlesOf('express')).toEqual(['webhook.cjs'])
    expect(bundlesOf('prom-client')).toEqual(['sidecar.cjs', 'federated.cjs', 'broker.cjs', 'webhook.cjs'])
    for (const absent of ['esbuild', 'typescript', 'rfc6902', '%40aws-sdk/credential-provider-node'])
      expect(bundlesOf(absent)).toBeUndefined()
    const licences = read('product', 'licenses', 'THIRD-PARTY')
    for (const { purl } of components) {
      const [, name = '', version = ''] = /^pkg:npm\/(.+)@(.+)$/.exec(purl) ?? []
      expect(licences).toContain(`\n${name.replace('%40', '@')} ${version} (`)
    }
  })

  test('hold a testbed that starts, and stops on SIGTERM', async () => {
    const ca = await createCertificateAuthority({ name: 'mine', now: Date.now })
    const { cert, key } = await ca.issue(['localhost'])
    for (const [name, text] of Object.entries({ cert, key })) writeFileSync(join(parent, name), text)
    const ports = { port: await freePort(), controlPort: await freePort() }
    const files = { certFile: join(parent, 'cert'), keyFile: join(parent, 'key') }
    const config = { accountId: '111122223333', host: '127.0.0.1', ...ports, ...files, providers: [], roles: [] }
    writeFileSync(join(parent, 'testbed.json'), JSON.stringify(config))
    const args = [join(images, 'testbed/app/testbed.cjs'), '--config', join(parent, 'testbed.json')]
    const testbed = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(testbed.stdout.setEncoding('utf8'), 'data')
    expect(JSON.parse(line)).toMatchObject({ msg: 'testbed started' })
    testbed.kill('SIGTERM')
    expect(await once(testbed, 'exit')).toEqual([0, null])
  })
})

type Bill = {
  readonly components: readonly {
    readonly purl: string
    readonly properties: readonly { readonly value: string }[]
  }[]
}

test('the package works where it is installed: its command, its testbed, and the types of that', () => {
  const { project, lanyard, manifest } = install({ root, dist, parent })
  const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })

  expect(node(join(lanyard, manifest.bin['lanyard'] ?? ''), '--version')).toMatchObject({
    status: 0,
    stdout: `lanyard ${manifest.version}\n`,
  })
  expect(node(join(lanyard, 'dist/cmd/lanyard.js'), 'webhook', '--help')).toMatchObject({ status: 0, stderr: '' })

  expect(node(join(lanyard, 'dist/cmd/lanyard.js'), 'demo', '--json').stdout).toContain('"step":"end","ok":true')

  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(project, 'use.ts'),
    [
      "import { createCertificateAuthority, type Issuer, startIssuer } from 'lanyard/testbed'",
      "const ca = await createCertificateAuthority({ name: 'mine', now: Date.now })",
      'const issuer: Issuer = await startIssuer({ ca, now: Date.now })',
      'console.log(new URL(issuer.url).protocol)',
      'await issuer.stop()',
    ].join('\n'),
  )
  expect(node('use.ts')).toMatchObject({ status: 0, stdout: 'https:\n' })
  const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2024', types: ['node'] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
  const tsc = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), [], { cwd: project, encoding: 'utf8' })
  expect(tsc).toMatchObject({ status: 0, stdout: '' })
})
