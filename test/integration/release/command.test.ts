import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fencedIn } from '../docs/pages.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tree = mkdtempSync(join(tmpdir(), 'lanyard-release-'))
const digest = `sha256:${'ab'.repeat(32)}`

const write = (name: string, text: string): void => writeFileSync(join(tree, name), text)
const read = (name: string): string => readFileSync(join(tree, name), 'utf8')

function run(program: string, ...args: readonly string[]) {
  const { npm_config_registry: _, ...env } = process.env
  const path = [join(tree, 'bin'), join(root, 'node_modules/.bin'), env['PATH'] ?? ''].join(':')
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: tree,
    env: { ...env, PATH: path },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const release = (...args: readonly string[]) => run(process.execPath, 'scripts/release.ts', ...args)

/** It answers what docker would, and writes down how it was called. */
const DOCKER = `#!/bin/sh
echo "$@" >called
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then echo '{ "containerimage.digest": "${digest}" }' >"$2"; fi
  shift
done
`

/** The checkout on the day of its release: the changelog has the date. */
beforeAll(() => {
  for (const name of ['package.json', 'package-lock.json', 'CHANGELOG.md', 'Dockerfile', 'scripts', 'charts/lanyard'])
    cpSync(join(root, name), join(tree, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  write('CHANGELOG.md', read('CHANGELOG.md').replace('(not released)', '(2026-01-02)'))
  mkdirSync(join(tree, 'bin'))
  write('bin/docker', DOCKER)
  chmodSync(join(tree, 'bin/docker'), 0o755)
  const git = (...args: readonly string[]) => run('git', '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args)
  git('init', '--quiet')
  git('commit', '--quiet', '--allow-empty', '--date=@1767312000', '--message=x')
})

afterAll(() => rmSync(tree, { recursive: true, force: true }))

describe('docs/releasing.md', () => {
  const MARK = '<!-- run by test/integration/release/command.test.ts -->'
  const blocks = fencedIn('docs/releasing.md').filter(({ before }) => before.endsWith(MARK))

  test('names a command that says that all is well', () => {
    expect(blocks).toHaveLength(1)
    const { version } = JSON.parse(read('package.json'))
    const body = (blocks[0]?.body ?? '').replaceAll('0.1.0', version)
    const { status, stdout } = run('sh', '-e', '-c', body)
    expect(stdout).toContain(`v${version}: everything agrees`)
    expect(status).toBe(0)
  })
})

describe('npm run release', () => {
  test('check says what does not agree', () => {
    const { status, stdout } = release('check', 'v9.9.9')
    expect(stdout).toMatch(/^the tag is v9\.9\.9, and package\.json's version wants v/)
    expect(status).toBe(1)
  })

  test('notes are what the changelog says', () => {
    const { status, stdout } = release('notes', 'https://example.com/blob/v1')
    expect(stdout).toContain('### Do before upgrading')
    expect(stdout).toContain('](https://example.com/blob/v1/docs/')
    expect(status).toBe(0)
  })

  test('bases are those of the Dockerfile', () => {
    expect(
      release('bases')
        .stdout.split('\n')
        .map((line) => line.split('=')[0]),
    ).toEqual(['NODE_IMAGE', 'RUNTIME_IMAGE', ''])
  })

  test('chart is one that names the image', () => {
    expect(release('chart', 'made', 'ghcr.io/a/lanyard', digest).status).toBe(0)
    expect(read('made/values.yaml')).toContain(`  digest: ${digest}\n`)
  })

  test('build asks docker, of the commit and its time, and says the digest', () => {
    write('bases.env', `NODE_IMAGE=node:24@${digest}\n`)
    const flags = ['--bases', 'bases.env', '--source', 'https://example.com/x', '--anew']
    const { status, stdout, stderr } = release('build', 'slim', ...flags, '--push', 'ghcr.io/a/b:1')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${digest}\n`)
    expect(status).toBe(0)
    const commit = run('git', 'log', '-1', '--format=REVISION=%H').stdout.trim()
    for (const part of [commit, `NODE_IMAGE=node:24@${digest}`, '--target slim', '--no-cache', 'name=ghcr.io/a/b:1'])
      expect(read('called')).toContain(part)
    expect(release('build', 'slim', ...flags, '--folder', 'files').stdout).toBe('')
  })

  test.each([
    [[], 'see --help'],
    [['check'], 'see --help'],
    [['publish', 'x'], 'see --help'],
    [['build', 'sbom'], 'the Dockerfile has no target sbom to publish'],
    [['build', 'slim'], 'build needs one of --push, --file and --folder'],
    [['build', 'slim', '--push', 'a', '--file', 'b'], 'build needs one of --push, --file and --folder'],
    [['build', 'slim', '--push', 'a'], 'build needs --source'],
    [['build', 'slim', '--push', 'a', '--source', 'b'], 'build needs --bases'],
    [['check', '--never'], "Unknown option '--never'"],
  ])('%j is called wrongly', (args, problem) => {
    const { status, stderr } = release(...args)
    expect(stderr).toContain(problem)
    expect(status).toBe(2)
  })

  test('--help is help, and what fails has another code', () => {
    expect(release('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('npm run release -- check TAG'),
    })
    expect(release('chart', 'made', 'a', 'b')).toMatchObject({
      status: 1,
      stderr: 'release: no digest of an image: b\n',
    })
  })
})
