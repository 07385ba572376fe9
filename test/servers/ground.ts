import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Issuer,
  startIssuer,
} from '../../src/testbed/index.ts'
import { within } from '../conformance/process.ts'
import { createPod, type Pod } from '../integration/sidecar/pod.ts'
import { type AtEnd, start } from '../support/processes.ts'
import { type Operation, type Outcome, runApp } from './app.ts'

export const AUDIENCE = 'sts.amazonaws.com'
export const SUBJECT = 'system:serviceaccount:shop:web'

/** What there is besides the servers: an authority, and the issuer of a cluster. */
export type Ground = {
  readonly folder: string
  readonly ca: CertificateAuthority
  readonly caFile: string
  readonly issuer: Issuer
  readonly atEnd: AtEnd
}

export async function prepareGround(folder: string, atEnd: AtEnd): Promise<Ground> {
  mkdirSync(folder, { recursive: true })
  const ca = await createCertificateAuthority({ name: 'servers', now: Date.now })
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, ca.pem)
  const issuer = await startIssuer({ ca, now: Date.now, x5c: true })
  atEnd(() => issuer.stop())
  return { folder, ca, caFile, issuer, atEnd }
}

/** How a token differs from the right one. */
export type TokenKind = 'right' | 'wrong audience' | 'wrong subject' | 'wrong signature' | 'expired'

export function tokenOf({ issuer }: Ground, kind: TokenKind): Promise<string> {
  return issuer.issueToken({
    sub: kind === 'wrong subject' ? 'system:serviceaccount:shop:nobody' : SUBJECT,
    audience: [kind === 'wrong audience' ? 'another.example.com' : AUDIENCE],
    expiresIn: kind === 'expired' ? -600 : 3600,
    // With the id of the key that is published, so that it is the signature which does not fit.
    ...(kind === 'wrong signature' && { signWithUnpublishedKey: true, header: { kid: issuer.keyId() } }),
  })
}

export type Sidecar = {
  readonly pod: Pod
  /** The line of its log that matches; throws with what it said, where there is none within a minute. */
  readonly said: (pattern: RegExp) => Promise<string>
  /** What an app of this pod gets done at S3. */
  readonly app: (operations: readonly Operation[]) => Promise<readonly Outcome[]>
  readonly stop: () => Promise<unknown>
}

const PATIENCE = 60_000

type Start = {
  readonly endpoint: string
  readonly env: Readonly<Record<string, string>>
  readonly token?: TokenKind
}

/** The product's sidecar in a process of its own, as a pod's, whose STS is that server. */
export async function startSidecar(ground: Ground, { endpoint, env, token = 'right' }: Start): Promise<Sidecar> {
  const { ca, caFile, atEnd } = ground
  const pod = await createPod({
    world: { ca, token: () => tokenOf(ground, token) },
    endpoint,
    // The sidecar itself would not send a token of another audience.
    env: { ...env, ...(token === 'wrong audience' && { LANYARD_AUDIENCE: 'another.example.com' }) },
    atEnd,
  })
  const running = start({ ...programFor(env), env: pod.env, atEnd })
  return {
    pod,
    said: async (pattern) => {
      const outcome = await within(PATIENCE, [running.said(pattern).then(() => 'said')])
      const line = running
        .stderr()
        .split('\n')
        .find((each) => pattern.test(each))
      if (outcome === undefined || line === undefined)
        throw new Error(`the sidecar has not said ${pattern}: ${running.stderr().slice(-3_000)}`)
      return line
    },
    app: (operations) => runApp(pod, { endpoint, caFile }, operations),
    stop: () => running.kill('SIGKILL'),
  }
}

/** The one of LANYARD_TEST_SIDECAR where it is set, but for chains, which the sidecar of most pods does not know. */
function programFor(env: Start['env']): { readonly program: string; readonly args?: readonly string[] } {
  const program = process.env['LANYARD_TEST_SIDECAR']
  return program === undefined || 'LANYARD_ASSUME_ROLE_ARN' in env
    ? { program: 'lanyard.ts', args: ['sidecar'] }
    : { program }
}
