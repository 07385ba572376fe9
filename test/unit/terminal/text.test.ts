import { PassThrough } from 'node:stream'
import { WriteStream } from 'node:tty'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { formatDiff } from '../../../src/terminal/diff.ts'
import { formatFailure } from '../../../src/terminal/failure.ts'
import { fitted, fold, formatHelp, wrap } from '../../../src/terminal/help.ts'
import { jsonReport, textReport } from '../../../src/terminal/report.ts'
import { asCommand, inShell } from '../../../src/terminal/shell.ts'
import { type Style, styleFor } from '../../../src/terminal/style.ts'
import { formatTable } from '../../../src/terminal/table.ts'
import { plain } from './plain.ts'

const marked: Style = {
  ...plain,
  green: (text) => `<g>${text}</g>`,
  red: (text) => `<r>${text}</r>`,
  dim: (text) => `<d>${text}</d>`,
  bold: (text) => `<b>${text}</b>`,
}

describe('formatHelp', () => {
  test('shows usage, flags with their notes, and what follows', () => {
    const flags = [
      { name: 'config', value: 'FILE', doc: 'A file.', note: '(default none)' },
      { name: 'keep', doc: 'A switch.' },
    ]
    expect(formatHelp({ usage: 'lanyard x', about: 'Does x.', flags, after: 'More:\n  this' })).toBe(
      [
        'Does x.',
        '',
        'Usage:',
        '  lanyard x',
        '',
        'Flags:',
        '  --config FILE',
        '      A file.',
        '      (default none)',
        '  --keep',
        '      A switch.',
        '  --help',
        '      Show this.',
        '',
        'More:',
        '  this',
        '',
      ].join('\n'),
    )
  })

  test('wraps at 80 columns, not at 79, and leaves whole what has no white space', () => {
    expect(wrap(`${'a'.repeat(40)} ${'b'.repeat(39)} c`, 0)).toBe(`${'a'.repeat(40)} ${'b'.repeat(39)}\nc`)
    expect(wrap(`${'a'.repeat(40)} ${'b'.repeat(34)}`, 6)).toBe(`      ${'a'.repeat(40)}\n      ${'b'.repeat(34)}`)
    expect(wrap(`a ${'b'.repeat(100)} c`, 2)).toBe(`  a\n  ${'b'.repeat(100)}\n  c`)
  })
})

describe('a terminal that is known', () => {
  test('has no line that is longer, long words too', () => {
    expect(fold(`a ${'b'.repeat(12)} c`, 2, 10)).toBe('  a\n  bbbbbbbb\n  bbbb c')
    expect(fold('a b', 0, Number.POSITIVE_INFINITY)).toBe('a b')
  })

  test('has words whole where it is as wide as usual', () => {
    const word = 'b'.repeat(100)
    for (const columns of [undefined, 80, 200]) expect(fitted(`a ${word}`, 2, columns)).toBe(`  a\n  ${word}`)
    expect(fitted(word, 0, 60)).toBe(`${'b'.repeat(60)}\n${'b'.repeat(40)}`)
  })
})

describe('a command to copy', () => {
  const command = asCommand(`aws iam get-role --role-name reboot > ${'r'.repeat(60)}.json`)

  test('is broken nowhere, so that no word of it begins a line', () => {
    expect(wrap(`Look: ${command}; then go on`, 2)).toBe(`  Look:\n  ${command};\n  then go on`)
    expect(fitted(`Look: (${command}) and go on`, 2, 40)).toBe(`  Look:\n  (${command})\n  and go on`)
    expect(fold(['Next:', 'doctor', '-n reboot'], 0, 20)).toBe('Next: doctor\n-n reboot')
  })

  test('a backquote alone is a sign like others', () => {
    expect(wrap('a ` b', 0)).toBe('a ` b')
    expect(wrap(`a ${'b'.repeat(80)} \` c`, 0)).toBe(`a\n${'b'.repeat(80)}\n\` c`)
    expect(asCommand(`say ${inShell('`x')}`)).toBe("say '`x'")
    // Somebody else's, in front of a command.
    for (const audience of ['sts`amazonaws', '`sts', 'sts`'])
      expect(wrap(`The audience ${audience}: ${'a'.repeat(40)} ${command}.`, 0).split('\n')).toContain(`${command}.`)
  })
})

describe('formatTable', () => {
  test('aligns columns but pads no last one', () => {
    expect(
      formatTable([
        ['a', 'long', 'x'],
        ['bbb', 'c', 'yy'],
      ]),
    ).toBe('a    long  x\nbbb  c     yy')
  })

  test('takes rows of several lengths, and none', () => {
    expect(formatTable([['a'], ['bb', 'c']])).toBe('a\nbb  c')
    expect(formatTable([])).toBe('')
  })
})

describe('formatDiff', () => {
  test('marks what changed, with two lines around', () => {
    const before = 'one\ntwo\nthree\nfour\nfive\n'
    expect(formatDiff(before, before.replace('four', 'FOUR'), marked)).toBe(
      '<d> two</d>\n<d> three</d>\n<r>-four</r>\n<g>+FOUR</g>\n<d> five</d>',
    )
  })

  test('shows where lines are left out', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('')
    const after = lines.replace('1\n', 'x\n').replace('18\n', 'y\n')
    expect(formatDiff(lines, after, marked)).toMatch(/<d> 3<\/d>\n<d> {2}…<\/d>\n<d> 16<\/d>/)
  })

  test('is empty where nothing changed', () => {
    expect(formatDiff('same\n', 'same\n', marked)).toBe('')
  })
})

describe('reports', () => {
  const told = (
    make: typeof jsonReport | ((write: (text: string) => void) => ReturnType<typeof textReport>),
  ): string => {
    let text = ''
    const report = make((part) => {
      text += part
    })
    report.step('first', 'The first')
    report.show('one\n\ntwo', { one: 1, two: 'x\ny' })
    report.step('second', 'The second')
    report.show('', {})
    return text
  }

  test('to people number the steps and indent what is shown', () => {
    expect(told((write) => textReport(write, marked))).toBe(
      '\n<b>1. The first</b>\n   one\n\n   two\n\n<b>2. The second</b>\n\n',
    )
  })

  test('to scripts are one JSON object a line', () => {
    expect(told(jsonReport)).toBe('{"step":"first","one":1,"two":"x\\ny"}\n{"step":"second"}\n')
  })
})

describe('styleFor', () => {
  afterEach(() => vi.unstubAllEnvs())

  const terminal = (): NodeJS.WritableStream => {
    vi.stubEnv('TERM', 'xterm-256color')
    const { getColorDepth } = WriteStream.prototype
    return Object.assign(new PassThrough(), { isTTY: true, getColorDepth })
  }

  test('colours for a terminal', () => {
    vi.stubEnv('NO_COLOR', undefined)
    vi.stubEnv('NODE_DISABLE_COLORS', undefined)
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('CI', undefined)
    vi.stubEnv('TERM', 'xterm')
    expect(styleFor(terminal()).green('x')).toBe('\u001b[32mx\u001b[39m')
  })

  test('leaves text plain where there is none, and where NO_COLOR says so', () => {
    vi.stubEnv('FORCE_COLOR', undefined)
    const style = styleFor(new PassThrough())
    for (const name of ['bold', 'dim', 'green', 'red', 'cyan'] as const) expect(style[name]('x')).toBe('x')
    vi.stubEnv('NO_COLOR', '1')
    expect(styleFor(terminal()).red('x')).toBe('x')
  })
})

describe('formatFailure', () => {
  test('shows each problem with its place, wrapped, and what to change', () => {
    const first = {
      code: 'SettingMissing',
      field: 'tls.certFile',
      message: `there is ${'no '.repeat(30)}value`,
      fix: 'Set it',
    } as const
    const failure = new Failure(first, { code: 'PortInUse', message: 'port 1 is taken' })
    expect(formatFailure(failure, marked)).toBe(
      [
        '',
        '<r>SettingMissing tls.certFile</r>',
        `  there is ${'no '.repeat(22)}no`,
        `  ${'no '.repeat(7)}value`,
        '<b>  Set it</b>',
        '',
        '<r>PortInUse</r>',
        '  port 1 is taken',
        '<b>  Stop it, or choose another port by the setting that the message names.</b>',
        '',
      ].join('\n'),
    )
  })
})
