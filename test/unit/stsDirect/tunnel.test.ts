import { describe, expect, it } from 'vitest'
import { isExcepted } from '../../../src/stsDirect/tunnel.ts'

describe('whether a host is asked without the proxy', () => {
  it.each([
    ['sts.example.com', '*', true],
    ['sts.example.com', 'sts.example.com', true],
    ['sts.example.com', 'STS.Example.COM', true],
    ['STS.example.com', 'sts.example.com', true],
    ['sts.example.com', 'sts.example.com:443', true],
    ['sts.example.com', 'sts.example.com:444', false],
    ['sts.example.com', '.example.com', true],
    ['sts.example.com', '*.example.com', true],
    ['example.com', '.example.com', true],
    ['badexample.com', '.example.com', false],
    ['sts.example.com', 'example.com', false],
    ['sts.example.com', '.com.evil', false],
    ['sts.example.com', '', false],
    ['sts.example.com', '.', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.11', '10.0.0.1', false],
    ['10.0.0.7', '10.0.0.1-10.0.1.0', true],
    ['10.0.1.0', '10.0.0.1-10.0.1.0', true],
    ['10.0.1.1', '10.0.0.1-10.0.1.0', false],
    ['10.0.0.0', '10.0.0.1-10.0.1.0', false],
    ['10.0.0.7', '10.0.1.0-10.0.0.1', false],
    ['10.0.0.7', '10.0.0.1-10.0.0.9-1', false],
    ['10.0.0.7', '10.0.0.1-host', false],
    ['sts-1.example.com', 'sts-1.example.com', true],
    ['::1', '[::1]', true],
    ['::1', '::1', true],
    ['::1', '[::1]:443', true],
  ])('%s by %j: %s', (host, entry, excepted) => {
    expect(isExcepted(host, 443, ['another.example', entry])).toBe(excepted)
  })

  it('is no by an empty list', () => {
    expect(isExcepted('sts.example.com', 443, [])).toBe(false)
  })
})
