import { expect, test } from 'vitest'
import { isLoopback } from '../../../src/endpoint/sockets.ts'

test.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'])('%s is loopback', (address) => {
  expect(isLoopback(address)).toBe(true)
})

test.each(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', '::', 'fe80::1', '', undefined])('%s is not', (address) => {
  expect(isLoopback(address)).toBe(false)
})
