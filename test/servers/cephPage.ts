import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { SignJWT } from 'jose'
import { createSts } from '../../src/aws/index.ts'
import { fencedIn } from '../integration/docs/pages.ts'
import type { Ceph } from './ceph.ts'
import { type Check, FILES } from './checks.ts'
import { AUDIENCE, type Ground, SUBJECT } from './ground.ts'

const run = promisify(execFile)
const MARK = '<!-- run by test/servers/cephPage.ts -->'
const page = 'docs/operators/sts-servers.md'
const KID = 'signing'

/** What an operator types by the page, at a cluster whose API server signs with `sa.key`, ends in a role that its pod can have. */
export const pageCheck = (ground: Ground, ceph: Ceph): Check => ({
  name: `what sts-servers.md says makes a role`,
  run: async () => {
    const folder = join(ground.folder, 'page')
    mkdirSync(join(folder, 'bin'), { recursive: true })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const issuer = await startPublished(ground, folder)
    const arn = await follow(ground, ceph, folder)
    await useRole(ground, ceph, arn.trim(), await sign(folder, issuer))
    return `${blocks().length} blocks, then an object in the bucket that they name`
  },
})

const blocks = (): readonly string[] =>
  fencedIn(page)
    .filter(({ before }) => before.endsWith(MARK))
    .map(({ body }) => body)

/** The issuer's host, which serves the `keys.json` that the page's commands make. */
async function startPublished({ ca, atEnd }: Ground, folder: string): Promise<string> {
  const server = createServer(await ca.issue(['127.0.0.1']), ({ url: path }, response) => {
    const file = path === '/openid/v1/jwks' ? 'keys.json' : 'discovery.json'
    response.end(readFileSync(join(folder, file)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => server.close())
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jwk = createPrivateKey(readFileSync(join(folder, 'sa.key'))).export({ format: 'jwk' })
  const { kty, n, e } = jwk
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ use: 'sig', alg: 'RS256', kid: KID, kty, n, e }] }),
  )
  writeFileSync(join(folder, 'discovery.json'), JSON.stringify({ issuer, jwks_uri: `${issuer}/openid/v1/jwks` }))
  return issuer
}

/** The blocks one behind the other in one shell; what the last of them prints is the role's ARN, as text. */
async function follow({ caFile }: Ground, ceph: Ceph, folder: string): Promise<string> {
  program(folder, 'kubectl', `case "$3" in */jwks) cat jwks.json ;; *) cat discovery.json ;; esac`)
  // Older ones know no AWS_ENDPOINT_URL, and would ask AWS.
  const { stdout: aws } = await run('sh', ['-c', 'command -v aws'])
  program(folder, 'aws', `exec '${aws.trim()}' --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"`)
  const text = blocks()
    .join('\n')
    .replaceAll('https://rgw.example.com', ceph.endpoint)
    .replaceAll('AWS_CA_BUNDLE=ca.crt', `AWS_CA_BUNDLE='${caFile}'`)
    .replaceAll('--role-name web', '--role-name page')
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: folder,
    env: { PATH: `${folder}/bin${delimiter}${process.env['PATH']}`, HOME: folder, CEPH_CONF: ceph.configuration },
    timeout: 60_000,
  })
  return stdout.split('\n').find((line) => line.startsWith('arn:aws:iam:::role/')) ?? ''
}

function program(folder: string, name: string, script: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

const sign = async (folder: string, issuer: string): Promise<string> =>
  new SignJWT({ iss: issuer, sub: SUBJECT, aud: AUDIENCE })
    .setProtectedHeader({ alg: 'RS256', kid: KID })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(createPrivateKey(readFileSync(join(folder, 'sa.key'))))

async function useRole({ ca }: Ground, ceph: Ceph, roleArn: string, token: string): Promise<void> {
  assert.equal(roleArn, 'arn:aws:iam:::role/apps/page')
  const timeouts = { connectTimeout: 5_000, totalTimeout: 20_000 }
  const sts = createSts({ region: 'us-east-1', endpoint: ceph.endpoint, ca: ca.pem, ...timeouts, now: Date.now })
  const request = { roleArn, roleSessionName: 'shop.web.web-0', durationSeconds: 3600, token }
  const answer = await sts.assumeRoleWithWebIdentity(request, new AbortController().signal)
  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = answer
  const s3 = ceph.s3({ accessKeyId, secretAccessKey, sessionToken })
  await s3.send(new PutObjectCommand({ Bucket: FILES, Key: 'page', Body: 'by the page' }))
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: FILES, Key: 'page' }))
  assert.equal(await body?.transformToString(), 'by the page')
}
