import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { needNode } from '../../../cmd/needNode.ts'
import { OLDEST_NODE } from '../../../src/version.ts'

const textOf = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
const read = (name: string) => JSON.parse(textOf(name))

test.each(['20.20.2', '22.18.0', '18.0.0', 'x'])('Node %s is too old, and told so', (running) => {
  expect(() => needNode(running)).toThrow(
    `NodeTooOld: Node.js ${OLDEST_NODE} or later is needed, and this is ${running}`,
  )
})

test.each(['22.19.0', '22.20.1', '24.0.0', '25.1.0'])('Node %s is not', (running) => {
  expect(() => needNode(running)).not.toThrow()
})

type Locked = { readonly dev?: true; readonly engines?: { readonly node?: string } }

test('no dependency needs a newer one; package.json and the scripts say the same', () => {
  expect(read('package.json').engines.node).toBe(`>=${OLDEST_NODE}`)
  // Plain JavaScript, which an older one can read.
  expect(textOf('scripts/needNode.mjs')).toContain(`[${OLDEST_NODE.replace('.', ', ')}]`)
  const locked = Object.entries(read('package-lock.json').packages as Readonly<Record<string, Locked>>)
  const needs = locked.filter(([name, { dev }]) => name !== '' && dev !== true).map(([, { engines }]) => engines?.node)
  const known = needs.filter((range) => range !== undefined)
  expect(known.length).toBeGreaterThan(50)
  expect(known.filter((range) => !range.split('||').some(isMet))).toEqual([])
})

/** `>=20.19`, `^22.13.0`, `22` or `*`, of which the oldest Node is one. */
function isMet(range: string): boolean {
  const [, operator = '', major = '0', minor = '0'] = /^\s*(\^|>=?|~)?\s*v?(\d+|\*)(?:\.(\d+))?/.exec(range) ?? []
  const [least = 0, leastMinor = 0] = OLDEST_NODE.split('.').map(Number)
  if (major === '*') return true
  if (Number(major) === least) return leastMinor >= Number(minor)
  return operator.startsWith('>') && least > Number(major)
}
