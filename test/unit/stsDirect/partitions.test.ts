import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createAgent, createClient } from '../../../src/aws/client.ts'
import { rulesOf } from '../../../src/aws/sts.ts'
import { endpointOf } from '../../../src/stsDirect/partitions.ts'

const client = createClient({ region: 'eu-west-1', endpoint: () => '', agent: createAgent({}), connectTimeout: 1 })
const rules = rulesOf(client)

/** Every region that the AWS SDK knows of, by its own table. */
const table = '../../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
const regions = [
  ...readFileSync(fileURLToPath(new URL(table, import.meta.url)), 'utf8').matchAll(/"([a-z]+(?:-[a-z]+)+-\d+)": \{/g),
].map(([, region = '']) => region)

describe('the endpoint of a region', () => {
  it('is looked at for every partition', () => {
    expect(new Set(regions.map((region) => /^[a-z]+-(gov|iso\w*|de)|^cn|$/.exec(region)?.[0])).size).toBe(8)
    expect(regions.length).toBeGreaterThan(40)
  })

  it.each([
    ...regions,
    // Not there yet, by the names that they would have.
    'us-gov-north-9',
    'cn-south-9',
    'us-isob-north-9',
    'us-isof-north-9',
    'us-iso-north-9',
    'eu-isoe-north-9',
    'eusc-de-north-9',
    'eu-west-9',
    'xx-nowhere-1',
  ])("of %s is what the SDK's rules say", (region) => {
    for (const fips of [false, true])
      for (const dualStack of [false, true])
        expect(endpointOf({ region, fips, dualStack })).toBe(rules({ region, fips, dualStack }).replace(/\/$/, ''))
  })
})
