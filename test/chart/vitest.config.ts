import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { noSkips } from '../support/noSkips.ts'

/** The chart's tests, `npm run chart`: apart from the others, since they need Helm. */
export default defineConfig({
  test: {
    include: ['test/chart/**/*.test.ts'],
    globalSetup: ['test/chart/needHelm.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', noSkips],
  },
})
