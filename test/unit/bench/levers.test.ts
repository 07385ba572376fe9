import process from 'node:process'
import type { BuildOptions } from 'esbuild'
import { expect, test } from 'vitest'
import { bundles, optionsOf } from '../../../scripts/build/bundles.ts'
import { SIDECAR_COMMAND } from '../../../src/injection/layout.ts'
import { effects, leverRows } from '../../bench/levers/table.ts'
import { imageEnv } from '../../support/image.ts'

const flags = SIDECAR_COMMAND.slice(1, -1)
const env = imageEnv()

/** How the image's sidecar is built. */
function buildOptions(): BuildOptions {
  const sidecar = bundles.find(({ name }) => name === 'sidecar.cjs')
  if (sidecar === undefined) throw new Error('there is no bundle sidecar.cjs')
  return optionsOf(sidecar, process.cwd())
}

test.each(leverRows)('$name changes the sidecar that the image has', ({ change, dropped }) => {
  const changed = [
    ...(change.flags === undefined ? [] : [change.flags(flags).join() !== flags.join()]),
    ...Object.entries(change.env ?? {}).map(([name, value]) => env[name] !== value),
    ...(change.build === undefined
      ? []
      : [JSON.stringify(change.build(buildOptions())) !== JSON.stringify(buildOptions())]),
  ]
  expect(changed).not.toHaveLength(0)
  expect(changed).not.toContain(false)
  // A kept one is taken away, a dropped one is added.
  if (change.flags !== undefined) expect(change.flags(flags).length > flags.length).toBe(dropped !== undefined)
})

test.each(leverRows)('$name shows something, each effect once', ({ shows }) => {
  expect(shows.length).toBeGreaterThan(0)
  expect(new Set(shows).size).toBe(shows.length)
  for (const effect of shows) expect(effects).toHaveProperty([effect])
})

test('levers have names of their own', () => {
  expect(new Set(leverRows.map(({ name }) => name)).size).toBe(leverRows.length)
})
