import { describe, expect, test } from 'vitest'
import { asCalled, calledAs } from '../../../cmd/calledAs.ts'
import { flags, readOptions } from '../../../cmd/status/options.ts'
import { operands } from '../../../cmd/status.ts'
import { Failure } from '../../../src/errors/index.ts'
import { readFlags } from '../../../src/terminal/flags.ts'

const read = (...args: readonly string[]) => readOptions(readFlags(args, flags, operands))

describe('what status is called with', () => {
  test('nothing', () => {
    expect(read()).toEqual({
      namespace: undefined,
      isEverywhere: false,
      selector: undefined,
      kubeconfig: undefined,
      context: undefined,
      systemNamespace: 'lanyard-system',
      isWatching: false,
      interval: 5_000,
      timeout: 3_000,
      output: 'table',
    })
  })

  test('all that there is', () => {
    expect(read('-A', '-w', '-l', 'app=web', '--interval', '2m', '--timeout', '1s', '--json')).toMatchObject({
      ...{
        isEverywhere: true,
        isWatching: true,
        selector: 'app=web',
        interval: 120_000,
        timeout: 1_000,
        output: 'json',
      },
    })
    expect(
      read('-n', 'shop', '-o', 'wide', '--context', 'x', '--kubeconfig', 'y', '--system-namespace', 'z'),
    ).toMatchObject({
      ...{ namespace: 'shop', output: 'wide', context: 'x', kubeconfig: 'y', systemNamespace: 'z' },
    })
  })

  test.each([
    [['-A', '-n', 'shop'], '--all-namespaces'],
    [['-n', 'Shop'], '--namespace'],
    [['--system-namespace', ''], '--system-namespace'],
    [['-o', 'yaml'], '--output'],
    [['-o', 'wide', '--json'], '--json'],
    [['--interval', '0s'], '--interval'],
    [['--interval', '2h'], '--interval'],
    [['--interval', '5'], '--interval'],
    [['--timeout', '6s'], '--timeout'],
    [['web'], '"web"'],
  ])('%j is called wrongly', (args, field) => {
    const thrown = (() => {
      try {
        return read(...args)
      } catch (failure) {
        return failure
      }
    })()
    expect(thrown).toBeInstanceOf(Failure)
    expect(thrown).toMatchObject({ code: 'SettingInvalid', problems: [{ field }] })
  })
})

test('kubectl calls it by a name of its own', () => {
  expect(calledAs('/usr/local/bin/kubectl-lanyard')).toBe('kubectl lanyard')
  expect(calledAs('/usr/local/bin/lanyard')).toBe('lanyard')
  expect(asCalled('Usage:\n  lanyard status [flags]\n\nlanyard is', 'kubectl lanyard')).toBe(
    'Usage:\n  kubectl lanyard status [flags]\n\nlanyard is',
  )
})
