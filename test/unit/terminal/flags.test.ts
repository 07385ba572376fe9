import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { type Flag, readFlags } from '../../../src/terminal/flags.ts'

const flags: readonly Flag[] = [
  { name: 'config', value: 'FILE', doc: 'A file.' },
  { name: 'keep', doc: 'A switch.' },
]
const read = (...args: readonly string[]) => {
  const { texts, switches } = readFlags(args, flags)
  return { texts, switches: [...switches] }
}
const refusal = (...args: readonly string[]): string => {
  try {
    read(...args)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'FlagUnknown') return thrown.message
    throw thrown
  }
  return 'taken'
}

describe('flags that may be given several times', () => {
  const several: readonly Flag[] = [
    { name: 'filename', short: 'f', value: 'FILE', repeated: true, doc: 'Files.' },
    { name: 'output', short: 'o', value: 'FORMAT', doc: 'A format.' },
  ]

  test('have all their values, in their order, by their letter too', () => {
    const args = ['-f', 'a', '--filename=b', '-fc', '-o', 'x', '--filename', '-', '-o=y']
    const { texts, lists } = readFlags(args, several)
    expect([texts, lists]).toEqual([{ output: '=y' }, { filename: ['a', 'b', 'c', '-'] }])
    expect(readFlags([], several).lists).toEqual({})
  })

  test.each([
    [['-f'], '-f: it needs a value: --filename FILE.'],
    [['-f', 'a', '-f', '--output', 'x'], '-f: it needs a value: --filename FILE.'],
    [['-g', 'a'], '-g: it is not known here'],
  ])('are refused as others are: %j', (args, problem) => {
    expect(() => readFlags(args, several)).toThrow(`FlagUnknown: ${problem}`)
  })
})

describe('operands', () => {
  const targets = { name: 'TARGET', most: 1 }

  test('are taken where the command has them, wherever they stand', () => {
    expect(readFlags(['pod/web', '--keep'], flags, targets).operands).toEqual(['pod/web'])
    expect(readFlags(['--keep', '--', '--web'], flags, targets).operands).toEqual(['--web'])
    expect(readFlags(['--config', 'a'], flags, targets).operands).toEqual([])
    expect(readFlags([], flags).operands).toEqual([])
  })

  test('are refused beyond that, and flags still are', () => {
    expect(() => readFlags(['a', 'b'], flags, targets)).toThrow(
      'FlagUnknown: b: there is no place for it behind one TARGET.',
    )
    expect(() => readFlags(['a', 'b', 'c'], flags, { name: 'FILE', most: 2 })).toThrow(
      'c: there is no place for it behind 2 of FILE.',
    )
    expect(() => readFlags(['a', '--kee'], flags, targets)).toThrow('did you mean "--keep"?')
  })
})

describe('readFlags', () => {
  test.each([
    [[], {}, []],
    [['--config', 'a.yaml'], { config: 'a.yaml' }, []],
    [['--config=a.yaml', '--keep'], { config: 'a.yaml' }, ['keep']],
    [['--keep', '--config', '-'], { config: '-' }, ['keep']],
    [['--config='], { config: '' }, []],
    [['--config=--keep'], { config: '--keep' }, []],
    [['--config', 'a', '--config', 'b'], { config: 'b' }, []],
    [['--help'], {}, ['help']],
    [['-h'], {}, ['help']],
    [['--keep', '--'], {}, ['keep']],
  ])('reads %j', (args, texts, switches) => {
    expect(read(...args)).toEqual({ texts, switches })
  })

  test.each([
    [['--confg'], '--confg: it is not known here; did you mean "--config"?'],
    [['--kee', 'x'], '--kee: it is not known here; did you mean "--keep"?'],
    [['--zzzzzzzz'], '--zzzzzzzz: it is not known here.'],
    [['-x'], '-x: it is not known here.'],
    [['--__proto__=1'], '--__proto__: it is not known here.'],
    [['file'], 'file: it is not known here.'],
    [['--', 'file'], 'file: it is not known here.'],
    [['--config'], '--config: it needs a value: --config FILE.'],
    [['--config', '--keep'], '--config: it needs a value: --config FILE.'],
    [['--keep=yes'], '--keep: it takes no value.'],
    [['--no-keep'], '--no-keep: it is not known here'],
  ])('refuses %j', (args, problem) => {
    expect(refusal(...args)).toContain(`FlagUnknown: ${problem}`)
  })

  test('cuts what somebody pasted', () => {
    expect(refusal('x'.repeat(10_000)).length).toBeLessThan(300)
  })
})
