import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { noSkips } from '../support/noSkips.ts'

/** Real identity providers, `npm run idps`: apart from the other tests, since they need programs of Debian's. */
export default defineConfig({
  test: {
    include: ['test/idps/**/*.test.ts'],
    globalSetup: ['test/idps/needPrograms.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', noSkips],
  },
})
