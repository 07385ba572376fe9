/**
 * SimpleSAMLphp (Debian's package `simplesamlphp`) as a real identity provider on loopback: ECP with HTTP Basic, one user, AWS as
 * its service provider with AWS's attributes. PHP's own server speaks no TLS, so https is put before it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenHttps } from '../../src/testbed/httpsServer.ts'
import type { CertificateAuthority } from '../../src/testbed/index.ts'
import { freePort } from './processes.ts'
import { AWS, createSigner } from './samlXml.ts'

const HOME = '/usr/share/simplesamlphp'

/** Where it is not installed, its tests have nothing to run against. */
export const hasSimpleSamlPhp = (): boolean =>
  existsSync(join(HOME, 'www/saml2/idp/SSOService.php')) && existsSync('/usr/bin/php')

export type SimpleSamlPhpOptions = {
  readonly ca: CertificateAuthority
  readonly username: string
  readonly password: string
  readonly roles: readonly (readonly [role: string, provider: string])[]
  readonly sessionName: string
  readonly recipient: string
}

export type SimpleSamlPhp = {
  readonly ecp: string
  readonly metadata: string
  /** What it has logged so far. */
  readonly log: () => string
  readonly stop: () => Promise<void>
}

export async function startSimpleSamlPhp(options: SimpleSamlPhpOptions): Promise<SimpleSamlPhp> {
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-simplesamlphp-'))
  const port = await freePort()
  let target = ''
  const front = await listenHttps({ ca: options.ca, host: '127.0.0.1', port: 0 }, (message, response) =>
    forward(message, response, port),
  )
  target = front.url
  await configure(directory, target, options)
  const child = spawn('/usr/bin/php', ['-S', `127.0.0.1:${port}`, '-t', join(HOME, 'www')], {
    env: { PATH: '/usr/bin:/bin', SIMPLESAMLPHP_CONFIG_DIR: join(directory, 'config') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  const listening = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      log += chunk.toString('utf8')
      if (/Development Server .* started/.test(log)) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => reject(new Error(`PHP does not start: ${log}`)))
  })
  await listening
  const stop = async (): Promise<void> => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined
    child.kill()
    await gone
    await front.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const metadata = await get(port, '/saml2/idp/metadata.php')
  return { ecp: `${target}/saml2/idp/SSOService.php`, metadata, log: () => log, stop }
}

/** Its own address is the one in front: `baseurlpath` says so. */
async function configure(directory: string, url: string, options: SimpleSamlPhpOptions): Promise<void> {
  const config = join(directory, 'config')
  const { privateKey, certificate } = await createSigner()
  const values = options.roles.map(([role, provider]) => `'${role},${provider}'`).join(', ')
  await mkdir(join(config, 'metadata'), { recursive: true })
  await Promise.all(['certs', 'data', 'tmp', 'log'].map((name) => mkdir(join(directory, name))))
  const files: Readonly<Record<string, string>> = {
    'certs/idp.pem': privateKey,
    'certs/idp.crt': certificate,
    'config/config.php': `<?php $config = ['baseurlpath' => '${url}/', 'certdir' => '${directory}/certs/', 'loggingdir' => '${directory}/log/',
      'datadir' => '${directory}/data/', 'tempdir' => '${directory}/tmp', 'metadatadir' => '${config}/metadata/', 'secretsalt' => 'salt-of-a-test',
      'auth.adminpassword' => 'password-of-a-test', 'timezone' => 'UTC', 'enable.saml20-idp' => true, 'logging.handler' => 'errorlog',
      'logging.level' => 5, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true], 'store.type' => 'phpsession',
      'session.cookie.secure' => true, 'metadata.sources' => [['type' => 'flatfile']], 'authproc.idp' => [], 'authproc.sp' => []];`,
    'config/authsources.php': `<?php $config = ['users' => ['exampleauth:UserPass', '${options.username}:${options.password}' =>
      ['uid' => ['${options.username}'], '${AWS}Role' => [${values}], '${AWS}RoleSessionName' => ['${options.sessionName}']]]];`,
    'config/metadata/saml20-idp-hosted.php': `<?php $metadata['${url}/idp'] = ['host' => '__DEFAULT__', 'privatekey' => 'idp.pem',
      'certificate' => 'idp.crt', 'auth' => 'users', 'saml20.ecp' => true];`,
    'config/metadata/saml20-sp-remote.php': `<?php $metadata['urn:amazon:webservices'] = ['AssertionConsumerService' =>
      [['index' => 0, 'isDefault' => true, 'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS', 'Location' => '${options.recipient}']],
      'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri'];`,
  }
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(directory, name), content)))
}

function forward(message: IncomingMessage, response: ServerResponse, port: number): void {
  const { method = 'GET', url = '/', headers } = message
  const inner = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  inner.once('error', () => response.writeHead(502).end())
  message.pipe(inner)
}

async function get(port: number, path: string): Promise<string> {
  const inner = request({ host: '127.0.0.1', port, path })
  inner.end()
  const [answer] = (await once(inner, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}
