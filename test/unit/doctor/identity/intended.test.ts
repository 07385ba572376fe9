import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { intendedOf } from '../../../../src/doctor/identity/index.ts'
import { knownRegions, nearRegion, partitionOf } from '../../../../src/doctor/identity/regions.ts'

const pod = { namespace: 'shop', pod: 'web', serviceaccount: 'web' }
const env = {
  LANYARD_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
  LANYARD_CONTAINERS: 'app',
  LANYARD_AUDIENCE: 'sts.amazonaws.com',
  LANYARD_REGION: 'eu-west-1',
  LANYARD_SESSION_DURATION: '2h',
  LANYARD_SESSION_NAME: '{namespace}.{pod}',
}

test('a sidecar’s variables say whose its pod is, and what it wants', () => {
  expect(intendedOf({ title: 'pod/web', pod, env })).toEqual({
    title: 'pod/web',
    namespace: 'shop',
    roles: [{ session: 'default', roleArn: env.LANYARD_ROLE_ARN, durationSeconds: 7_200 }],
    audience: 'sts.amazonaws.com',
    subject: 'system:serviceaccount:shop:web',
    region: 'eu-west-1',
    stsEndpoint: undefined,
    isAws: true,
    provider: undefined,
  })
  for (const missing of ['LANYARD_ROLE_ARN', 'LANYARD_AUDIENCE', 'LANYARD_REGION'])
    expect(intendedOf({ title: 'pod/web', pod, env: { ...env, [missing]: undefined } })).toBeUndefined()
})

test.each([
  ['https://sts.eu-west-1.amazonaws.com', true],
  ['https://sts.cn-north-1.amazonaws.com.cn/', true],
  ['https://sts.eu-west-1.api.aws', true],
  ['https://vpce-1-x.sts.eu-west-1.vpce.amazonaws.com', true],
  ['https://sts.lanyard-example.svc', false],
  ['https://amazonaws.com.example.com', false],
  ['https://notamazonaws.com', false],
  ['https://x.execute-api.us-east-1.amazonaws.com', false],
  ['https://evil.s3.amazonaws.com', false],
  ['https://sts.eu-west-1.amazonaws.com:8443', false],
  ['https://sts-fips.us-gov-west-1.amazonaws.com', true],
])('%s is AWS’s: %s', (endpoint, isAws) => {
  expect(intendedOf({ title: 'pod/web', pod, env: { ...env, LANYARD_STS_ENDPOINT: endpoint } })?.isAws).toBe(isAws)
})

/** The SDK's own list, which no package exports. */
function partitions(): readonly { readonly id: string; readonly regions: object }[] {
  const text = readFileSync(`node_modules/@aws-sdk/core/${PARTITIONS}`, 'utf8')
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  return JSON.parse(json).partitions
}
const PARTITIONS = 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'

test('the regions are those that the AWS SDK knows, each of its partition', () => {
  const theirs = partitions().flatMap(({ id, regions }) =>
    Object.keys(regions)
      .filter((region) => /-\d$/.test(region))
      .map((region) => [id, region]),
  )
  expect([...knownRegions()].sort()).toEqual(theirs.sort())
  for (const [partition, region] of knownRegions()) expect(partitionOf(region)).toEqual({ partition, isKnown: true })
  expect(partitionOf('eu-west-77')).toEqual({ partition: 'aws', isKnown: false })
  expect(partitionOf('moon')).toBeUndefined()
  expect([nearRegion('eu-west-9'), nearRegion('eu-west-1'), nearRegion('moon-1')]).toEqual([
    'eu-west-1',
    'eu-west-2',
    undefined,
  ])
})
