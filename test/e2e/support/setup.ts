/** Before each test file: what a failure leaves behind. */
import { afterEach, beforeEach } from 'vitest'
import { collect } from './diagnostics.ts'
import { say } from './progress.ts'

beforeEach(({ task }) => say(`${task.file.name.replace(/^.*\/|\.test\.ts$/g, '')}: ${task.name}`))

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await collect(`${task.file.name}-${task.name}`)
})
