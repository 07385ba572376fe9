import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createScreen } from '../../../src/terminal/screen.ts'
import { terminalScreen } from '../../support/terminalScreen.ts'

/** A screen on a terminal that shows what it would show. */
function painting(columns = 20, rows = 5, before = '') {
  const terminal = terminalScreen(columns, rows)
  terminal.write(before)
  const size = { columns, rows }
  const writes: string[] = []
  const write = (text: string): void => {
    writes.push(text)
    terminal.write(text.replaceAll('\n', '\r\n'))
  }
  return { terminal, size, writes, screen: createScreen({ write, size: () => size }) }
}

describe('a screen', () => {
  test('shows one picture after the other in the same place, each by one write', () => {
    const { terminal, writes, screen } = painting(20, 8, '$ status\r\n')
    screen.paint(['first line', 'a longer second one', 'third'])
    screen.paint(['1st', '2nd'])
    expect(terminal.text()).toBe('$ status\n1st\n2nd')
    screen.paint(['1', '2', '3', '4'])
    expect(terminal.text()).toBe('$ status\n1\n2\n3\n4')
    expect(writes).toHaveLength(3)
    expect(terminal.above()).toEqual([])
  })

  test('has room for all but the last line and column, where a terminal would scroll or wrap', () => {
    const { terminal, screen } = painting()
    expect(screen.room()).toEqual({ columns: 19, rows: 4 })
    for (const _ of [1, 2, 3]) screen.paint(['1', '2', '3', '4', '5', '6', '7'])
    expect(terminal.text()).toBe('1\n2\n3\n4')
    expect(terminal.above()).toEqual([])
  })

  test('begins anew in a terminal of another size', () => {
    const { terminal, size, screen } = painting(20, 5, 'x\r\ny\r\n')
    screen.paint(['1', '2'])
    Object.assign(size, { rows: 4 })
    screen.paint(['3'])
    expect(terminal.text()).toBe('3')
  })

  test('leaves the last picture at its end, without what was typed, and no mode changed', () => {
    const { terminal, writes, screen } = painting()
    screen.end()
    expect(writes).toEqual([])
    screen.paint(['1', '2'])
    terminal.write('^C')
    screen.end()
    screen.end()
    expect(terminal.text()).toBe('1\n2')
    expect(terminal.cursor()).toEqual({ row: 2, column: 0 })
    expect(writes.join('')).not.toMatch(/\[\?/)
  })

  test('is always the last picture, whatever came before', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.'), maxLength: 19 })
    const pictures = fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
    const before = fc.nat({ max: 9 }).map((count) => 'x\r\n'.repeat(count))
    fc.assert(
      fc.property(pictures, before, (all, shell) => {
        const { terminal, screen } = painting(20, 5, shell)
        for (const picture of all) screen.paint(picture)
        const wanted = (all.at(-1) ?? []).map((text) => text.trimEnd())
        expect(`${[...terminal.above(), terminal.text()].join('\n')}\n`).toContain(wanted.join('\n').trimEnd())
        expect(terminal.above().every((text) => text === 'x')).toBe(true)
      }),
    )
  })
})
