import assert from 'node:assert/strict'
import { createSts } from '../../src/aws/index.ts'
import { Failure } from '../../src/errors/index.ts'
import type { OpenSts } from '../../src/federation/index.ts'
import { createDirectSts } from '../../src/stsDirect/index.ts'
import type { Outcome } from './app.ts'
import { type Ground, startSidecar, type TokenKind, tokenOf } from './ground.ts'

/** A server with all that the checks need of it. */
export type Server = {
  readonly endpoint: string
  readonly roleArn: string
}

/** Something that must be so; `run` tells what was seen, and throws where it is otherwise. */
export type Check = { readonly name: string; readonly run: () => Promise<string> }

const TEXT = 'put by a pod'
/** Of two buckets that the role may use. */
export const FILES = 'files'
export const OTHERS = 'others'

export const policyFor = (bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: [`arn:aws:s3:::${bucket}/*`] }],
  })

export const putAndGet = (bucket: string) =>
  [
    { kind: 'put', bucket, key: 'note', text: TEXT },
    { kind: 'get', bucket, key: 'note' },
  ] as const

export const isDenied = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && 'error' in outcome && /^AccessDenied:/.test(outcome.error)

/** An unmodified S3 client puts and gets an object with what the sidecar serves. */
export const objectsCheck = (ground: Ground, { endpoint, roleArn }: Server): Check => ({
  name: "an app's S3 client puts and gets an object",
  run: async () => {
    const sidecar = await startSidecar(ground, { endpoint, env: { LANYARD_ROLE_ARN: roleArn } })
    await sidecar.said(/"credentials obtained"/)
    assert.deepEqual(await sidecar.app([...putAndGet(FILES), ...putAndGet(OTHERS)]), [
      { text: '' },
      { text: TEXT },
      { text: '' },
      { text: TEXT },
    ])
    await sidecar.stop()
    return 'in each of two buckets'
  },
})

export const sessionPolicyCheck = (ground: Ground, { endpoint, roleArn }: Server): Check => ({
  name: 'a session policy forbids the other bucket',
  run: async () => {
    const env = { LANYARD_ROLE_ARN: roleArn, LANYARD_SESSION_POLICY: policyFor(FILES) }
    const sidecar = await startSidecar(ground, { endpoint, env })
    await sidecar.said(/"credentials obtained"/)
    const [put, got, otherPut, otherGot] = await sidecar.app([...putAndGet(FILES), ...putAndGet(OTHERS)])
    assert.deepEqual([put, got], [{ text: '' }, { text: TEXT }])
    assert.ok(isDenied(otherPut) && isDenied(otherGot), JSON.stringify([otherPut, otherGot]))
    await sidecar.stop()
    return 'S3 refuses it with AccessDenied'
  },
})

export type Expected = {
  readonly token: TokenKind
  /** What a sidecar with that token says. */
  readonly code: string
  /** What the server says where the token reaches it all the same; the sidecar's code where it is left out. */
  readonly atServer?: string
}

/** What a line of the sidecar's log tells of a failure. */
export type Told = { readonly error: { readonly code: string; readonly message: string } }

/** A sidecar whose token is wrong gets nothing, and says so; the server itself, asked with that token, refuses it too. */
export const refusalCheck = (ground: Ground, server: Server, { token, code, atServer = code }: Expected): Check => ({
  name: `refused: ${token}`,
  run: async () => {
    const { endpoint, roleArn } = server
    const sidecar = await startSidecar(ground, { endpoint, env: { LANYARD_ROLE_ARN: roleArn }, token })
    const { error } = JSON.parse(await sidecar.said(/"credentials not obtained"/)) as Told
    assert.equal(error.code, code, error.message)
    assert.equal((await sidecar.pod.ask()).status, 503)
    await sidecar.stop()
    const failure = await askServer(ground, server, token)
    assert.equal(failure.code, atServer, failure.message)
    return code === atServer ? error.message : `${error.message} Sent all the same: ${failure.message}`
  },
})

async function askServer({ ca, ...ground }: Ground, { endpoint, roleArn }: Server, kind: TokenKind): Promise<Failure> {
  const timeouts = { connectTimeout: 5_000, totalTimeout: 20_000 }
  const token = await tokenOf({ ca, ...ground }, kind)
  const request = { roleArn, roleSessionName: 'shop.web.web-0', durationSeconds: 3600, token }
  const ask = async (open: OpenSts): Promise<Failure> => {
    const sts = open({ region: 'eu-west-1', endpoint, ca: ca.pem, ...timeouts, now: Date.now })
    const outcome = await sts.assumeRoleWithWebIdentity(request, new AbortController().signal).catch((thrown) => thrown)
    if (outcome instanceof Failure) return outcome
    throw new Error(`the server takes a token that has the ${kind}`)
  }
  const [failure, direct] = [await ask(createSts), await ask(createDirectSts)]
  assert.equal(direct.code, failure.code, direct.message)
  return failure
}
