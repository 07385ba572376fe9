import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { S3Client } from '@aws-sdk/client-s3'
import type { CertificateAuthority } from '../../src/testbed/index.ts'
import { startProcess } from '../conformance/process.ts'
import { freePort } from '../support/processes.ts'
import { type Keys, untilReady } from './reach.ts'
import { createS3 } from './s3.ts'

export type MinioOptions = {
  /** The program. */
  readonly program: string
  /** An empty directory, or one to be made; whoever names it removes it after `stop`. */
  readonly dir: string
  /** Signs its certificate, and the issuer's. */
  readonly ca: CertificateAuthority
  /** The issuer, as tokens name it. */
  readonly issuer: string
  /** The audience of tokens. */
  readonly clientId: string
}

/** A second real STS and S3. */
export type Minio = {
  /** For STS and for S3 (by path). */
  readonly endpoint: string
  /** The one role of the issuer, with the policy `readwrite`: MinIO names it by itself. */
  readonly roleArn: string
  readonly s3: (keys?: Keys) => S3Client
  readonly stop: () => Promise<void>
}

const owner: Keys = { accessKeyId: 'owner', secretAccessKey: 'owner-of-all-buckets' }

/** Takes some three seconds. Throws with what it said, where it does not come up. */
export async function startMinio({ program, dir, ca, issuer, clientId }: MinioOptions): Promise<Minio> {
  const certificates = join(dir, 'certs')
  mkdirSync(join(certificates, 'CAs'), { recursive: true })
  const { cert, key } = await ca.issue(['127.0.0.1', 'localhost'])
  writeFileSync(join(certificates, 'public.crt'), cert)
  writeFileSync(join(certificates, 'private.key'), key, { mode: 0o600 })
  writeFileSync(join(certificates, 'CAs', 'ca.pem'), ca.pem)
  const address = `127.0.0.1:${await freePort()}`
  const server = startProcess({
    command: [program, 'server', '--quiet', '--certs-dir', certificates, '--address', address, join(dir, 'data')],
    env: {
      HOME: dir,
      MINIO_ROOT_USER: owner.accessKeyId,
      MINIO_ROOT_PASSWORD: owner.secretAccessKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_IDENTITY_OPENID_CONFIG_URL: `${issuer}/.well-known/openid-configuration`,
      MINIO_IDENTITY_OPENID_CLIENT_ID: clientId,
      MINIO_IDENTITY_OPENID_ROLE_POLICY: 'readwrite',
    },
    cwd: dir,
  })
  const endpoint = `https://${address}`
  try {
    await untilReady(`${endpoint}/minio/health/ready`, ca.pem, server)
  } catch (thrown) {
    await server.kill()
    throw thrown
  }
  return {
    endpoint,
    roleArn: `arn:minio:iam:::role/${createHash('sha1').update(clientId).digest('base64url')}`,
    s3: (keys = owner) => createS3({ endpoint, ca: ca.pem, keys }),
    stop: () => server.kill(),
  }
}
