import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSts } from '../../../../src/aws/index.ts'
import type { Obtain } from '../../../../src/credentials/index.ts'
import { Failure } from '../../../../src/errors/index.ts'
import { type SamlProvider, samlOfProvider } from '../../../../src/federation/saml/index.ts'
import { readFileUpTo } from '../../../../src/files/index.ts'
import { createOutbound } from '../../../../src/outbound/index.ts'
import { podIdentityProvider } from '../../../../src/settings/identityProviders.ts'
import {
  createCertificateAuthority,
  type SamlProvider as Registered,
  startSts,
  type TrustPolicyDocument,
} from '../../../../src/testbed/index.ts'

export const accountId = '111122223333'
export const recipient = 'https://signin.aws.amazon.com/saml'
export const roleArn = `arn:aws:iam::${accountId}:role/apps/web`
export const principalArn = `arn:aws:iam::${accountId}:saml-provider/corporate`
export const never = new AbortController().signal
export const now = Date.now
export const ca = await createCertificateAuthority({ name: 'testbed', now })

/** A strict STS whose role trusts the SAML provider, for assertions to AWS's sign-in. */
export function startTrustingSts(...samlProviders: readonly Registered[]) {
  const trustPolicy: TrustPolicyDocument = {
    Version: '2012-10-17',
    Statement: samlProviders.map(({ name }) => ({
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${accountId}:saml-provider/${name}` },
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { StringEquals: { 'SAML:aud': recipient } },
    })),
  }
  const roles = [{ name: 'web', path: '/apps/', trustPolicy, maxSessionDuration: 43_200 }]
  return startSts({ ca, now, accountId, providers: [], samlProviders, roles })
}

/** Files of a pod: the mounted Secret, and a volume of the app. */
export function makePod() {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-saml-'))
  return {
    directory,
    write: (name: string, content: string) => writeFileSync(join(directory, name), content),
    remove: () => rmSync(directory, { recursive: true }),
  }
}

/** As a pod's sidecar would: from the text that it is told to credentials, with nothing in between replaced. */
export function obtainBy(
  provider: Readonly<Record<string, string>>,
  stsUrl: string,
  directory: string,
  durationSeconds = 3600,
): Obtain {
  const parsed = podIdentityProvider.parse(JSON.stringify({ kind: 'saml', principalArn, ...provider }))
  if (!parsed.ok) throw new Error(`a provider that ${parsed.problem}`)
  const timeouts = { connectTimeout: 5_000, totalTimeout: 15_000, now }
  return samlOfProvider(
    parsed.value as SamlProvider,
    { roleArn, durationSeconds },
    {
      outbound: createOutbound({ ...timeouts, ca: ca.pem, maxBytes: 200_000 }),
      sts: createSts({ ...timeouts, region: 'eu-west-1', endpoint: stsUrl, ca: ca.pem }),
      read: readFileUpTo(200_000),
      randomId: () => randomBytes(16).toString('hex'),
      secrets: directory,
      files: directory,
      now,
    },
  )
}

/** What an attempt fails with, after a look for what must not be in it. */
export async function failureOf(obtain: Obtain): Promise<Failure> {
  const thrown = await obtain(never).then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  for (const text of [thrown.message, thrown.stack, JSON.stringify(thrown)]) {
    if (text?.includes('c4n4ry')) throw new Error('a secret is in a message')
  }
  return thrown
}
