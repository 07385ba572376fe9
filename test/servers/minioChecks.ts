import assert from 'node:assert/strict'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import {
  type Check,
  FILES,
  OTHERS,
  objectsCheck,
  refusalCheck,
  type Server,
  sessionPolicyCheck,
  type Told,
} from './checks.ts'
import { AUDIENCE, type Ground, startSidecar } from './ground.ts'
import { installMinio } from './install.ts'
import { startMinio } from './minio.ts'

export async function prepareMinio(ground: Ground): Promise<readonly Check[]> {
  const { folder, ca, issuer, atEnd } = ground
  const program = await installMinio()
  const minio = await startMinio({ program, dir: join(folder, 'minio'), ca, issuer: issuer.url, clientId: AUDIENCE })
  atEnd(() => minio.stop())
  for (const Bucket of [FILES, OTHERS]) await minio.s3().send(new CreateBucketCommand({ Bucket }))
  return [
    objectsCheck(ground, minio),
    sessionPolicyCheck(ground, minio),
    anySubjectCheck(ground, minio),
    noChainCheck(ground, minio),
    refusalCheck(ground, minio, { token: 'wrong audience', code: 'StsAudienceRejected' }),
    refusalCheck(ground, minio, { token: 'wrong signature', code: 'StsTokenRejected' }),
    refusalCheck(ground, minio, { token: 'expired', code: 'TokenExpired', atServer: 'StsTokenExpired' }),
  ]
}

/** What operators have to know: no trust policy stands between a service account and the role. */
const anySubjectCheck = (ground: Ground, { endpoint, roleArn }: Server): Check => ({
  name: 'not checked: the subject',
  run: async () => {
    const env = { LANYARD_ROLE_ARN: roleArn }
    const sidecar = await startSidecar(ground, { endpoint, env, token: 'wrong subject' })
    await sidecar.said(/"credentials obtained"/)
    assert.equal((await sidecar.pod.ask()).status, 200)
    await sidecar.stop()
    return 'any token of the issuer and the audience is given the role'
  },
})

const noChainCheck = (ground: Ground, { endpoint, roleArn }: Server): Check => ({
  name: 'not there: a chain',
  run: async () => {
    const env = { LANYARD_ROLE_ARN: roleArn, LANYARD_ASSUME_ROLE_ARN: `${roleArn}-second` }
    const sidecar = await startSidecar(ground, { endpoint, env })
    const line = await sidecar.said(/"session":"default".*"credentials not obtained"/)
    const { error } = JSON.parse(line) as Told
    assert.equal(error.code, 'StsChainDenied')
    await sidecar.stop()
    return error.message
  },
})
