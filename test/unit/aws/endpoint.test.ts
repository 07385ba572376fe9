import { Agent } from 'node:https'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../../src/aws/client.ts'
import { rulesOf } from '../../../src/aws/sts.ts'
import { Failure } from '../../../src/errors/index.ts'
import { chooseEndpoint, type EndpointOptions } from '../../../src/federation/index.ts'
import { endpointOf } from '../../../src/stsDirect/partitions.ts'

const client = createClient({ region: 'eu-west-1', endpoint: () => '', agent: new Agent(), connectTimeout: 1 })
const choose = (options: EndpointOptions): string => chooseEndpoint(rulesOf(client), options)

/** STS, "Regions and endpoints" of the IAM User Guide, and "FIPS" and "dual-stack" of the AWS General Reference. */
describe('where STS is', () => {
  it.each([
    [{ region: 'eu-west-1' }, 'https://sts.eu-west-1.amazonaws.com'],
    [{ region: 'us-east-1' }, 'https://sts.us-east-1.amazonaws.com'],
    [{ region: 'us-gov-west-1' }, 'https://sts.us-gov-west-1.amazonaws.com'],
    [{ region: 'cn-north-1' }, 'https://sts.cn-north-1.amazonaws.com.cn'],
    [{ region: 'eusc-de-east-1' }, 'https://sts.eusc-de-east-1.amazonaws.eu'],
    [{ region: 'us-iso-east-1' }, 'https://sts.us-iso-east-1.c2s.ic.gov'],
    [{ region: 'us-east-2', fips: true }, 'https://sts-fips.us-east-2.amazonaws.com'],
    [{ region: 'us-gov-west-1', fips: true }, 'https://sts.us-gov-west-1.amazonaws.com'],
    [{ region: 'eu-west-1', dualStack: true }, 'https://sts.eu-west-1.api.aws'],
    [{ region: 'us-west-2', fips: true, dualStack: true }, 'https://sts-fips.us-west-2.api.aws'],
    [{ region: 'cn-north-1', dualStack: true }, 'https://sts.cn-north-1.api.amazonwebservices.com.cn'],
    [{ region: 'x', endpoint: 'https://sts.example.com:8443/a/' }, 'https://sts.example.com:8443/a'],
    [{ region: 'x', endpoint: 'https://sts.example.com', fips: false, dualStack: false }, 'https://sts.example.com'],
  ])('%j: %s', (options, endpoint) => {
    expect(choose(options)).toBe(endpoint)
    expect(chooseEndpoint(endpointOf, options)).toBe(endpoint)
  })

  it.each([
    [{ region: 'eu-west-1', endpoint: 'https://sts.example.com', fips: true }, 'given as a URL'],
    [{ region: 'eu-west-1', endpoint: 'https://sts.example.com', dualStack: true }, 'given as a URL'],
  ])('refuses %j', (options, words) => {
    const problem = problemOf(options)
    expect(problem.code).toBe('SettingInvalid')
    expect(problem.message).toContain(words)
  })

  it('refuses what no partition has', () => {
    const rules = { endpointProvider: () => fail(new Error('FIPS and DualStack are enabled, but this partition…')) }
    const without = { config: { ...client.config, ...rules } } as unknown as typeof client
    const tell = (kinds: Partial<EndpointOptions>): string => {
      try {
        return chooseEndpoint(rulesOf(without), { region: 'us-iso-east-1', ...kinds })
      } catch (thrown) {
        return thrown instanceof Failure ? thrown.message : String(thrown)
      }
    }
    expect(tell({ fips: true, dualStack: true })).toContain(
      'the region us-iso-east-1 has none with FIPS and dual stack',
    )
    expect(tell({ fips: true })).toContain('has none with FIPS')
    expect(tell({ dualStack: true })).toContain('has none with dual stack')
  })
})

function fail(error: Error): never {
  throw error
}

function problemOf(options: EndpointOptions): Failure {
  try {
    choose(options)
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown
  }
  throw new Error('nothing was thrown')
}
