import { describe, expect, test } from 'vitest'
import { flags, readOptions } from '../../../cmd/inject/options.ts'
import { Failure } from '../../../src/errors/index.ts'
import { readFlags } from '../../../src/terminal/flags.ts'

const read = (args: readonly string[], isTerminal = false) => readOptions(readFlags(args, flags), isTerminal)

function refusalOf(args: readonly string[]): readonly string[] {
  try {
    read(args)
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message.split('\n')
    throw thrown
  }
  return []
}

describe('readOptions', () => {
  test('what is said, in its order', () => {
    const args = ['-f', 'b', '--filename=a', '-fc', '-n', 'shop', '--namespace-file', 'x', '--namespace-file', 'y']
    expect(read([...args, '--server-version', '1.31', '-o', 'json'])).toEqual({
      paths: ['b', 'a', 'c'],
      saidPaths: [
        { flag: 'namespace-file', paths: ['x', 'y'] },
        { flag: 'service-account-file', paths: [] },
      ],
      namespace: 'shop',
      systemNamespace: 'lanyard-system',
      fromCluster: false,
      serverVersion: 31,
      output: 'json',
    })
  })

  test('a diff on a terminal, else YAML, if nobody says otherwise', () => {
    expect([read(['-f', '-'], true).output, read(['-f', '-']).output]).toEqual(['diff', 'yaml'])
    expect([read(['-f', '-', '-o', 'yaml'], true).output, read(['-f', '-', '-o', 'diff']).output]).toEqual([
      'yaml',
      'diff',
    ])
  })

  test.each<[readonly string[], string]>([
    [[], 'SettingMissing: --filename: nothing says what to inject. Give -f FILE, or -f - for the standard input'],
    [['-f'], 'FlagUnknown: -f: it needs a value: --filename FILE. '],
    [
      ['-f', 'a', '-o', 'yml'],
      'SettingInvalid: --output: "yml" is not known; did you mean "yaml"? It must be yaml, diff, json',
    ],
    [['-f', 'a', '-n', 'A_b'], 'SettingInvalid: --namespace: "A_b" is no name of a namespace. '],
    [['-f', 'a', '-n', ''], 'SettingInvalid: --namespace: "" is no name of a namespace. '],
    [['-f', 'a', '--system-namespace', '..'], 'SettingInvalid: --system-namespace: ".." is no name of a namespace. '],
    [['-f', 'a', '--from-cluster', '--config', 'b'], 'SettingInvalid: --from-cluster: --config is given as well. '],
    [['-f', 'a', '--server-version', 'new'], 'SettingInvalid: --server-version: it is no version of Kubernetes. '],
    [['-f', 'a', '--server-version', '1.29'], 'ServerVersionTooOld: --server-version: 1.29 lacks '],
  ])('%j is refused', (args, line) => {
    expect(refusalOf(args)).toEqual([expect.stringContaining(line)])
  })

  test('with all that is wrong at once', () => {
    const fields = refusalOf(['-o', 'x', '-n', '-', '--config', 'a', '--from-cluster']).map(
      (line) => line.split(': ')[1],
    )
    expect(fields).toEqual(['--filename', '--output', '--namespace', '--from-cluster'])
  })
})
