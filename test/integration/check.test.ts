import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parent = mkdtempSync(join(tmpdir(), 'lanyard-check-'))
const copy = join(parent, 'copy')

/** A copy of the checkout that may be spoilt; packages are found above it, as Node finds them. */
function makeCopy(): void {
  const files = readdirSync(root).filter((name) => /\.json$/.test(name) || name === '.gitignore')
  for (const name of [
    ...files,
    'charts',
    'cmd',
    'docs',
    'scripts',
    'src',
    'test/bench',
    'test/conformance',
    'test/support',
    'types',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(parent, 'node_modules'))
  spawnSync('git', ['init', '--quiet', copy])
}

const plant = (path: string, ...lines: readonly string[]): void => {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  writeFileSync(join(copy, path), `${lines.join('\n')}\n`)
}

function replaceIn(path: string, text: string | RegExp, by: string): void {
  const old = readFileSync(join(copy, path), 'utf8')
  const changed = old.replace(text, by)
  if (changed === old) throw new Error(`${path} has no ${text}`)
  writeFileSync(join(copy, path), changed)
}

/** Alone first: a way into an impure room would bring Node's types along. */
const plantImpurity = (): void =>
  plant(
    'src/credentials/impure.ts',
    'export const impure = [Date.now(), Math.random(), new Date()]',
    'setTimeout(impure)',
  )

/** One fault for each step to find, and several for those that have several rules. */
function plantFaults(): void {
  plant('src/errors/wrongWay.ts', "export type { Certificate } from '../webhook/index.ts'")
  plant('src/federation/sdk.ts', "export { STSClient } from '@aws-sdk/client-sts'")
  plant('src/aws/sibling.ts', "export { metrics } from '../metrics/index.ts'")
  plant('src/settings/disk.ts', "export { readFileSync } from 'node:fs'")
  plant('src/terminal/upwards.ts', "export const load = (): Promise<unknown> => import('../../cmd/run.ts')")
  plant('src/endpoint/protocol/upwards.ts', "export { isLoopback } from '../sockets.ts'")
  plant('src/files/there.ts', "export { back } from './back.ts'")
  plant('src/files/back.ts', "import './there.ts'", 'export const back = 1')
  plant('src/cellar/index.ts', "export { codes } from '../errors/index.ts'")
  plant('cmd/doubles.ts', "export { startSts } from '../src/testbed/index.ts'")
  appendFileSync(join(copy, 'cmd/wait.ts'), "export { codes } from '../src/errors/index.ts'\n")

  replaceIn(
    'src/settings/webhookSettings.ts',
    "'log.level': {",
    "'log.planted': { kind: flag, default: 'false', doc: 'Planted.' },\n  'log.level': {",
  )
  plant(
    'src/credentials/impure.ts',
    'export const impure = [Date.now(), Math.random(), new Date()]',
    'setTimeout(impure)',
  )
  plant('src/webhook/sloppy.ts', 'export var sloppy: any = "x"')
  plant('src/webhook/mistyped.ts', "export const mistyped: number = 'text'")
  plant('src/metrics/dead.ts', 'export const dead = 1')
  replaceIn('package-lock.json', /"license": "[^"]*"/g, '"license": "GPL-3.0-only"')
  plant('cmd/long.ts', ...Array.from({ length: 251 }, (_, line) => `// ${line}`))
  plant('docs/personal.md', `Run ${['', 'home', 'somebody', 'lanyard'].join('/')}/start.`)
}

/** What `npm run check` printed, by step, and what the first step did alone. */
const said = new Map<string, string>()
let pureAlone = { status: null as number | null, stdout: '' }
let summary = ''
let exitCode: number | null = null

const check = (...names: readonly string[]) =>
  spawnSync(process.execPath, ['scripts/check.ts', ...names], { cwd: copy, encoding: 'utf8' })

beforeAll(() => {
  makeCopy()
  plantImpurity()
  pureAlone = check('pure')
  plantFaults()
  const { status, stdout } = check()
  exitCode = status
  for (const part of stdout.split(/^(?=\S)/m)) {
    said.set(part.split(' ')[0] ?? '', part)
    summary = part
  }
}, 60_000)

afterAll(() => rmSync(parent, { recursive: true, force: true }))

const step = (name: string): string => said.get(name) ?? ''

test('every step runs, every step fails, and so does the command', () => {
  const steps = ['types', 'pure', 'lint', 'arrows', 'docs', 'exports', 'licences', 'length', 'text']
  for (const name of steps) expect(step(name).split('\n')[0]).toMatch(/ FAILED \d/)
  expect(summary).toMatch(new RegExp(`^check: FAILED: ${steps.join(', ')}, `))
  expect(exitCode).toBe(1)
})

test.each([
  [
    'an arrow against the table, of types alone',
    'src/errors/wrongWay.ts -> src/webhook/index.ts: errors may import nothing',
  ],
  [
    'a package of another room',
    /src\/federation\/sdk\.ts -> \S*client-sts\S*: federation may import the packages jose/,
  ],
  ['an adapter that knows another', 'src/aws/sibling.ts -> src/metrics/index.ts: adapters never import one another'],
  ['a pure room that reads files', /src\/settings\/disk\.ts -> (node:)?fs: settings is pure/],
  ['src that knows cmd, by a dynamic import', 'src/terminal/upwards.ts -> cmd/run.ts: src never imports cmd'],
  [
    'the inner room that knows the outer one',
    'src/endpoint/protocol/upwards.ts -> src/endpoint/sockets.ts: endpoint/protocol may',
  ],
  ['a cycle', 'src/files/back.ts -> src/files/there.ts -> src/files/back.ts: nothing imports itself'],
  ['a room that nobody declared', 'src/cellar/index.ts -> src/errors/index.ts: every room is in scripts/rooms.ts'],
  ['the testbed in the product', 'cmd/doubles.ts -> src/testbed/index.ts: only cmd/testbed* may import testbed'],
  ['a start gate that grew', 'cmd/wait.ts -> src/errors/index.ts: the program of the start gate'],
])('arrows: %s', (_, line) => {
  expect(step('arrows')).toMatch(line)
})

test('docs: an undocumented setting', () => {
  const problems = step('docs').match(/docs\/reference\/\S+ is out of date/g)
  expect(problems).toEqual(
    ['commands.md', 'config.schema.json', 'settings.md'].map((page) => `docs/reference/${page} is out of date`),
  )
  expect(step('docs')).toContain('charts/lanyard/values.yaml is out of date')
  expect(step('docs')).toContain('log.planted')
  expect(step('docs')).toContain('npm run docs')
})

test('lint: what is forbidden everywhere, and clocks and randomness in pure rooms', () => {
  expect(step('lint')).toMatch(/src\/webhook\/sloppy\.ts:\S+ lint\/suspicious\/noExplicitAny/)
  expect(step('lint')).toMatch(/src\/webhook\/sloppy\.ts format/)
  expect(step('lint')).toMatch(/src\/credentials\/impure\.ts:1:24 plugin[\s\S]*reads no clock/)
  expect(step('lint')).toMatch(/src\/credentials\/impure\.ts:1:36 plugin[\s\S]*draws no lots/)
  expect(step('lint')).toMatch(/src\/credentials\/impure\.ts:1:51 plugin/)
})

test('pure: what the language itself does not have', () => {
  expect(pureAlone.status).toBe(1)
  expect(pureAlone.stdout).toContain("src/credentials/impure.ts(2,1): error TS2304: Cannot find name 'setTimeout'")
  expect(pureAlone.stdout).toContain('check: FAILED: pure')
})

test.each([
  ['types', "src/webhook/mistyped.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'"],
  ['exports', 'src/metrics/dead.ts'],
  ['licences', /express \S+: GPL-3\.0-only/],
  ['length', 'cmd/long.ts has 251 lines, more than 250'],
  ['text', 'docs/personal.md:1: names '],
])('%s: %s', (name, line) => {
  expect(step(name)).toMatch(line)
})
