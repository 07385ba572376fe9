import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { finish, freePort, type Running, scratch, start } from '../../support/processes.ts'
import { send } from '../sidecar/pod.ts'
import { accountId, assume, audience, createClock, textOf, token, useWorld, world } from '../testbed/support.ts'

// The process lives by the clock of the machine.
useWorld({ ...createClock(), now: Date.now })

/** What is mounted into the pod: a configuration and the files that it names. */
type Mounted = { path: (name: string) => string; config: string; ports: { sts: number; control: number } }
let mounted: Mounted

type Changes = Readonly<Record<string, unknown>>
const noFiles: Changes = { certFile: undefined, keyFile: undefined }

function configure(changes: Changes = {}): void {
  const { path, config, ports } = mounted
  const provider = { url: world.issuer.url, clientIds: [audience], caFile: path('ca.crt'), tokenFile: path('token') }
  const trust = [{ namespace: 'shop', serviceAccount: '*' }]
  const content = {
    accountId,
    host: '127.0.0.1',
    port: ports.sts,
    controlPort: ports.control,
    certFile: path('tls.crt'),
    keyFile: path('tls.key'),
    providers: [provider],
    roles: [
      { name: 'web', trust },
      { name: 'none', trust: [{ namespace: 'other', serviceAccount: 'web' }] },
    ],
    ...changes,
  }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(content))
}

beforeEach(async () => {
  const directory = scratch()
  const path = (name: string): string => join(directory, name)
  mounted = { path, config: path('config.yaml'), ports: { sts: await freePort(), control: await freePort() } }
  const pair = await world.ca.issue(['127.0.0.1'])
  const files = { 'ca.crt': world.ca.pem, token: 'api-token\n', 'tls.crt': pair.cert, 'tls.key': pair.key }
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text)
  configure()
})

const program = 'testbedMain.ts'

async function running(): Promise<Running> {
  const testbed = start({ program, args: ['--config', mounted.config] })
  await testbed.said(/testbed started/)
  return testbed
}

const exchange = (role: string, ca = world.ca) =>
  assume(
    { ...world, ca, sts: { ...world.sts, url: `https://127.0.0.1:${mounted.ports.sts}` } },
    { WebIdentityToken: token, RoleArn: `arn:aws:iam::${accountId}:role/${role}` },
  )

describe('the testbed as a process', () => {
  test('exchanges tokens by its file, tells of it without any secret, and ends on SIGTERM', async () => {
    const testbed = await running()
    const answer = await exchange('web')
    expect(answer.status).toBe(200)
    expect(textOf(await exchange('none'), 'Code')).toBe('AccessDenied')
    const { text } = await send({ port: mounted.ports.control, path: '/requests' })
    expect(JSON.parse(text)).toMatchObject([
      { action: 'AssumeRoleWithWebIdentity', code: 'Success', role: `arn:aws:iam::${accountId}:role/web` },
      { code: 'AccessDenied', status: 403 },
    ])
    expect(await testbed.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const lines = testbed.stdout().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'testbed started',
      'request answered',
      'request answered',
      'testbed stopped',
    ])
    const secret = textOf(answer, 'SecretAccessKey') ?? ''
    for (const hidden of [token, secret, 'api-token']) expect(`${testbed.stdout()}${text}`).not.toContain(hidden)
    expect(testbed.stderr()).toBe('')
  })

  test('ends on SIGTERM while a request hangs by a fault', async () => {
    const testbed = await running()
    const body = '{"kind":"hang"}'
    expect((await send({ port: mounted.ports.control, path: '/faults', method: 'POST', body })).status).toBe(200)
    const hanging = exchange('web').catch((error: NodeJS.ErrnoException) => error.code)
    await testbed.said(/"code":"hang"/)
    expect(await testbed.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await hanging).toBe('ECONNRESET')
  })
})

test('without a certificate it makes an authority of its own, and tells of it', async () => {
  configure({ ...noFiles, hosts: ['sts.example.svc', '127.0.0.1'] })
  const testbed = await running()
  const askAuthority = () => send({ port: mounted.ports.control, path: '/ca.crt' })
  const { status, text: pem } = await askAuthority()
  expect(status).toBe(200)
  expect(new X509Certificate(pem).ca).toBe(true)
  expect((await exchange('web', { ...world.ca, pem })).status).toBe(200)
  await expect(exchange('web')).rejects.toThrow()
  expect(testbed.stdout()).not.toContain('PRIVATE KEY')
  await testbed.kill('SIGTERM')
  configure()
  await running()
  expect(await askAuthority()).toMatchObject({ status: 404, text: expect.stringContaining('no authority here') })
})

describe('it does not start, and says why', () => {
  const ends = (args: readonly string[] = ['--config', mounted.config]) => finish({ program, args })

  test.each<[title: string, changes: Changes, code: number, words: string]>([
    ['with an account that is none', { accountId: '123' }, 2, 'SettingInvalid: accountId: 123 is not twelve digits'],
    ['with a wrong key', { rolls: [] }, 2, 'SettingUnknown: rolls: it is not known'],
    ['with two identities', { hosts: ['a'] }, 2, 'SettingInvalid: hosts: give either hosts or certFile and keyFile'],
    ['with none', noFiles, 2, 'SettingMissing: certFile: it must be a text'],
    ['for no host', { ...noFiles, hosts: [] }, 2, 'SettingInvalid: hosts: it must name at least one host'],
    ['without its key', { keyFile: '/none' }, 1, 'FileUnreadable: keyFile: /none cannot be read (ENOENT)'],
  ])('%s', async (_title, changes, code, words) => {
    configure(changes)
    const { stderr, ...ended } = await ends()
    expect(stderr).toContain(words)
    expect(ended).toEqual({ code, signal: null, stdout: '' })
  })

  test('on a port that is taken', async () => {
    await running()
    const sts = await ends()
    expect([sts.code, sts.stderr]).toEqual([1, expect.stringContaining('PortInUse: port: ')])
    configure({ port: await freePort() })
    const control = await ends()
    expect([control.code, control.stderr]).toEqual([1, expect.stringContaining('PortInUse: controlPort: ')])
  })

  test('without a file, with one that is no mapping, with an unknown flag', async () => {
    writeFileSync(mounted.path('list.yaml'), '- a')
    const ended = await Promise.all([ends([]), ends(['--config', mounted.path('list.yaml')]), ends(['--port', '1'])])
    expect(ended.map(({ code, stderr }) => `${code} ${stderr.split(' ')[0]}`)).toEqual([
      '2 SettingMissing:',
      '2 ConfigurationMalformed:',
      '2 FlagUnknown:',
    ])
  })

  test('when only asked for help', async () => {
    expect(await ends(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--config FILE') })
  })
})
