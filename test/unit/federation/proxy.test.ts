import { expect, it } from 'vitest'
import { proxyEnvOf } from '../../../src/federation/proxy.ts'

it('is nothing without a proxy, so that none is used', () => {
  expect(proxyEnvOf({})).toBeUndefined()
  expect(proxyEnvOf({ noProxy: ['.svc'] })).toBeUndefined()
})

it('says all that an agent would else look for', () => {
  const proxy = 'http://proxy.example.com:3128'
  expect(proxyEnvOf({ proxy })).toEqual({ https_proxy: proxy, HTTPS_PROXY: proxy, no_proxy: '', NO_PROXY: '' })
  expect(proxyEnvOf({ proxy, noProxy: ['.svc', '10.0.0.1'] })).toMatchObject({
    no_proxy: '.svc,10.0.0.1',
    NO_PROXY: '.svc,10.0.0.1',
  })
})

it('takes brackets off an address, as Node compares it without', () => {
  expect(proxyEnvOf({ proxy: 'http://p', noProxy: ['[::1]'] })?.NO_PROXY).toBe('::1')
})

it.each(['24.4.1', '22.20.0', '20.19.0'])('is refused by an older Node, %s, which would go past it', (node) => {
  expect(() => proxyEnvOf({ proxy: 'http://p' }, node)).toThrow(`Node ${node} cannot use a proxy`)
  expect(proxyEnvOf({}, node)).toBeUndefined()
})

it.each(['24.5.0', '25.0.0'])('is taken by Node %s', (node) => {
  expect(proxyEnvOf({ proxy: 'http://p' }, node)).toBeDefined()
})
