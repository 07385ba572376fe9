import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { noSkips } from '../support/noSkips.ts'

const wanted = process.env['EXAMPLE_SCREENSHOTS'] !== undefined

/** The example's tests, `npm run example`: apart from the others, since they need a browser and Ceph. */
export default defineConfig({
  test: {
    include: ['test/example/*.test.ts'],
    exclude: wanted ? [] : ['test/example/screenshots.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
    passWithNoTests: false,
    reporters: ['verbose', noSkips],
  },
})
