import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Ceph, startCeph } from './ceph.ts'
import { pageCheck } from './cephPage.ts'
import {
  type Check,
  FILES,
  isDenied,
  OTHERS,
  objectsCheck,
  policyFor,
  putAndGet,
  refusalCheck,
  type Server,
  sessionPolicyCheck,
} from './checks.ts'
import { AUDIENCE, type Ground, SUBJECT, startSidecar } from './ground.ts'

/** May be entered by the second role of a chain alone. */
const CHAINED = 'chained'

export async function prepareCeph(ground: Ground): Promise<readonly Check[]> {
  const { folder, ca, issuer, atEnd } = ground
  const ceph = await startCeph({ dir: join(folder, 'ceph'), ca })
  atEnd(() => ceph.stop())
  for (const bucket of [FILES, OTHERS, CHAINED]) await ceph.createBucket(bucket)
  const server = { endpoint: ceph.endpoint, roleArn: await createWebRole(ceph, issuer.url, issuer.thumbprint() ?? '') }
  return [
    objectsCheck(ground, server),
    sessionPolicyCheck(ground, server),
    chainCheck(ground, server, await createChainedRole(ceph)),
    ...(['wrong audience', 'wrong subject', 'wrong signature'] as const).map((token) =>
      refusalCheck(ground, server, { token, code: 'StsAccessDenied' }),
    ),
    refusalCheck(ground, server, { token: 'expired', code: 'TokenExpired', atServer: 'StsAccessDenied' }),
    pageCheck(ground, ceph),
  ]
}

const allow = (statement: object): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
})

async function createWebRole(ceph: Ceph, url: string, thumbprint: string): Promise<string> {
  const provider = await ceph.registerOidcProvider({ url, clientIds: [AUDIENCE], thumbprints: [thumbprint] })
  const host = url.replace('https://', '')
  const resources = [FILES, OTHERS].map((bucket) => `arn:aws:s3:::${bucket}/*`)
  return ceph.createRole({
    name: 'web',
    path: '/apps/',
    trust: allow({
      Principal: { Federated: [provider] },
      Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: { StringEquals: { [`${host}:aud`]: AUDIENCE, [`${host}:sub`]: SUBJECT } },
    }),
    policy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:*'], Resource: resources },
        { Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: ['arn:aws:iam:::role/second'] },
      ],
    },
  })
}

/** As a principal, Ceph knows a role by its name without its path. */
const createChainedRole = (ceph: Ceph): Promise<string> =>
  ceph.createRole({
    name: 'second',
    trust: allow({ Principal: { AWS: ['arn:aws:iam:::role/web'] }, Action: ['sts:AssumeRole'] }),
    policy: JSON.parse(policyFor(CHAINED)),
  })

const chainCheck = (ground: Ground, { endpoint, roleArn }: Server, second: string): Check => ({
  name: 'a chain ends in the second role',
  run: async () => {
    const env = { LANYARD_ROLE_ARN: roleArn, LANYARD_ASSUME_ROLE_ARN: second }
    const sidecar = await startSidecar(ground, { endpoint, env })
    await sidecar.said(/assumed-role\/second.*"credentials obtained"/)
    const [put, got, otherPut] = await sidecar.app([...putAndGet(CHAINED), ...putAndGet(FILES)])
    assert.deepEqual([put, got], [{ text: '' }, { text: 'put by a pod' }])
    assert.ok(isDenied(otherPut), JSON.stringify(otherPut))
    await sidecar.stop()
    return "its bucket is open, the first role's is not"
  },
})
