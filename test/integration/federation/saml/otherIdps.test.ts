import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
// @ts-expect-error: it comes without types.
import untyped from 'samlp'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSigner, metadataOf } from '../../../support/samlXml.ts'
import {
  accountId,
  ca,
  makePod,
  never,
  obtainBy,
  principalArn,
  recipient,
  roleArn,
  startTrustingSts,
} from './support.ts'

type Samlp = {
  getSamlResponse(options: object, user: object, done: (error: Error | null, xml: string) => void): void
}
const samlp: Samlp = untyped
const pod = makePod()
afterAll(() => pod.remove())

/** An implementation that is not ours, as it would be posted to a browser. */
function respond(
  issuer: string,
  { privateKey, certificate }: { privateKey: string; certificate: string },
  sign: 'assertion' | 'response',
): Promise<string> {
  const options = {
    issuer,
    cert: certificate,
    key: privateKey,
    audience: 'urn:amazon:webservices',
    recipient,
    destination: recipient,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    signResponse: sign === 'response',
    lifetimeInSeconds: 300,
    profileMapper: () => ({
      getClaims: () => ({
        'https://aws.amazon.com/SAML/Attributes/Role': [`${roleArn},${principalArn}`],
        'https://aws.amazon.com/SAML/Attributes/RoleSessionName': 'web@example.com',
      }),
      getNameIdentifier: () => ({ nameIdentifier: 'web' }),
    }),
  }
  return new Promise((resolve, reject) => {
    samlp.getSamlResponse(options, {}, (error, xml) =>
      error === null || error === undefined ? resolve(xml) : reject(error),
    )
  })
}

describe('samlp', () => {
  it.each(['assertion', 'response'] as const)('signs the %s, which is found good and taken by STS', async (sign) => {
    const signer = await createSigner()
    const metadata = metadataOf('urn:samlp', [signer])
    const sts = await startTrustingSts({ name: 'corporate', metadata })
    pod.write('assertion', Buffer.from(await respond('urn:samlp', signer, sign)).toString('base64'))
    const obtain = obtainBy(
      { source: 'file', volume: 'v', path: 'assertion', writer: 'w', metadata },
      sts.url,
      pod.directory,
    )
    const { assumedRoleArn } = await obtain(never)
    await sts.stop()
    expect(assumedRoleArn).toBe(`arn:aws:sts::${accountId}:assumed-role/web/web@example.com`)
  })
})

describe('the identity provider of the tests', () => {
  it('runs as a process too', async () => {
    const { cert, key } = await ca.issue(['127.0.0.1'])
    const at = (name: string): string => join(pod.directory, name)
    pod.write('tls.crt', cert)
    pod.write('tls.key', key)
    pod.write('username', 'web')
    pod.write('password', 'c4n4ry')
    const configuration = {
      host: '127.0.0.1',
      port: 0,
      certificate: at('tls.crt'),
      key: at('tls.key'),
      entityId: 'urn:process',
      users: { web: 'c4n4ry' },
      roles: [[roleArn, principalArn]],
      metadata: at('metadata.xml'),
      style: 'adfs',
    }
    pod.write('idp.json', JSON.stringify(configuration))
    const program = fileURLToPath(new URL('../../../support/samlIdpMain.ts', import.meta.url))
    const child = spawn(process.execPath, [program, at('idp.json')], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(line.toString('utf8')) as { url: string }
    const metadata = readFileSync(at('metadata.xml'), 'utf8')
    const sts = await startTrustingSts({ name: 'corporate', metadata })
    const obtain = obtainBy({ source: 'ws-trust', endpoint: `${url}/usernamemixed`, metadata }, sts.url, pod.directory)
    const { assumedRoleArn } = await obtain(never)
    child.kill('SIGTERM')
    await Promise.all([once(child, 'exit'), sts.stop()])
    expect(assumedRoleArn).toBe(`arn:aws:sts::${accountId}:assumed-role/web/web`)
  })
})
