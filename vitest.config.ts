import { join } from 'node:path'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { noSkips } from './test/support/noSkips.ts'

const core = { lines: 97 }

export default defineConfig({
  test: {
    include: ['test/{unit,integration}/**/*.test.ts'],
    // Every core: vitest itself would leave one idle, and of two that is half.
    maxWorkers: '100%',
    // No file keeps a state that another one could meet, and to load all modules anew for each takes as long as the tests.
    isolate: false,
    // Of the processes that tests start: what they load is compiled once. It lies where `npm ci` takes it away.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 40_000,
    hookTimeout: 30_000,
    // A test that runs alone says nothing of the others.
    allowOnly: false,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', noSkips],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        lines: 90,
        'src/injection/**': core,
        'src/credentials/**': core,
        'src/endpoint/**': core,
      },
    },
  },
})
