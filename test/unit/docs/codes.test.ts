import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codesPage } from '../../../scripts/docs/codes.ts'
import { type Code, codes, describe as describeCode } from '../../../src/errors/index.ts'

const page = codesPage()
const names = Object.keys(codes) as Code[]
const rows = [...page.matchAll(/^\| \[`(\w+)`\]\(errors\.md#(\w+)\) \| (.*) \|$/gm)]

test('has every code once, in the order of the names', () => {
  expect(rows.map(([, name]) => name)).toEqual(names.toSorted())
  expect(rows.filter(([, name, anchor]) => name !== anchor)).toEqual([])
})

test('says of each where it is met, its cause and what to change', () => {
  for (const [, name = '', , rest = ''] of rows) {
    const { cause, fix } = describeCode(name as Code)
    const [seen = '', ...others] = rest.split(' | ')
    expect(seen, name).not.toBe('')
    expect(others.join(' | '), name).toContain(`${cause} | ${fix}`.replaceAll('\n', ' '))
  }
})

test('names only alerts that there are', () => {
  const rules = readFileSync(new URL('../../../charts/lanyard/files/rules.yaml', import.meta.url), 'utf8')
  const named = new Set([...page.matchAll(/alerts\.md#(\w+)/g)].map(([, alert = '']) => alert))
  expect(named.size).toBeGreaterThan(5)
  expect([...named].filter((alert) => !rules.includes(`- alert: ${alert}\n`))).toEqual([])
})
