import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { benches } from '../../bench/benches.ts'
import { help, readOptions, UsageError } from '../../bench/options.ts'

const chosenBy = (...args: readonly string[]): readonly string[] => readOptions(args).chosen.map(({ name }) => name)

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('without a flag all is measured, in full', () => {
  const none = { short: false, real: false, json: undefined, list: false, help: false }
  expect(readOptions([])).toEqual({ chosen: benches, ...none })
})

describe('--only', () => {
  test('takes names apart by commas, or several times, and keeps the order of the benches', () => {
    expect(chosenBy('--only', 'levers, sidecar')).toEqual(['sidecar', 'levers'])
    expect(chosenBy('--only', 'growth', '--only', 'sidecar')).toEqual(['sidecar', 'growth'])
  })

  test.each(['sidecars', '', 'sidecar,'])('of "%s" says which there are', (only) => {
    expect(() => readOptions(['--only', only])).toThrow(UsageError)
    expect(() => readOptions(['--only', only])).toThrow(/there is no bench ".*"; there are sidecar, /)
  })
})

describe('--json', () => {
  test('leaves a file that is there as it is until there is something to write', () => {
    const path = join(folder(), 'out.json')
    writeFileSync(path, 'the last run')
    const { json } = readOptions(['--json', path])
    closeSync(json ?? -1)
    expect(readFileSync(path, 'utf8')).toBe('the last run')
  })

  test.each(['--help', '--list'])('makes no file with %s', (flag) => {
    const path = join(folder(), 'out.json')
    expect(readOptions(['--json', path, flag]).json).toBeUndefined()
    expect(existsSync(path)).toBe(false)
  })

  test('says that a file cannot be written', () => {
    expect(() => readOptions(['--json', join(folder(), 'missing', 'out.json')])).toThrow(/^--json: .*ENOENT/)
  })
})

test.each([['--fast'], ['sidecar'], ['--only'], ['--short=yes']])('%s is no call', (...args) => {
  expect(() => readOptions(args)).toThrow(UsageError)
})

test('the help names every bench and every exit code', () => {
  for (const { name } of benches) expect(help).toContain(name)
  expect(help).toMatch(/Exit codes: 0 measured, 1 .*, 2 .*,\s+130/s)
})
