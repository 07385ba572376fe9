import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ca, layOut, pair } from './webhook.ts'

const lines = (text: string): string[] => text.trimEnd().split('\n')

describe('a configuration of the webhook', () => {
  test('that is wrong in every place is told as a whole, with exit code 2', async () => {
    const layout = await layOut()
    layout.write(
      'config.yaml',
      [
        'webhook: { port: 70000, metricsPort: [1, 2], drain: 5 }',
        'tls: { certfile: /a }',
        'sidecar: { image: "UPPER CASE", startGateSeconds: 1, resources: { limits: { cpu: 0 } } }',
        'aws: { region: { name: eu-west-1 }, accountId: 1 }',
        'nothing: true',
      ].join('\n'),
    )
    const webhook = layout.start(['--config', layout.config, '--log-level', 'loud'], { LANYARD_SIDECAR_UID: 'root' })
    expect(await webhook.ended).toEqual({ code: 2, signal: null })
    const fields = lines(webhook.stderr()).map((line) => line.split(': ').slice(0, 2).join(' '))
    expect(fields.sort()).toEqual([
      'SettingInvalid --log-level',
      'SettingInvalid LANYARD_SIDECAR_UID',
      'SettingInvalid aws.accountId',
      'SettingInvalid aws.region',
      'SettingInvalid sidecar.image',
      'SettingInvalid sidecar.resources.limits.cpu',
      'SettingInvalid sidecar.startGateSeconds',
      'SettingInvalid webhook.drain',
      'SettingInvalid webhook.metricsPort',
      'SettingInvalid webhook.port',
      'SettingMissing tls.namespace',
      'SettingUnknown nothing',
      'SettingUnknown tls.certfile',
    ])
    expect(webhook.stderr()).toContain('did you mean "tls.certFile"?')
    expect(webhook.stdout()).toBe('')
  })

  test('that is absent leaves what has no default missing', async () => {
    const webhook = (await layOut()).start([])
    expect(await webhook.ended).toEqual({ code: 2, signal: null })
    expect(lines(webhook.stderr()).map((line) => line.split(': ')[1])).toEqual(['sidecar.image', 'tls.namespace'])
    expect(webhook.stderr()).toContain('as LANYARD_SIDECAR_IMAGE or as --sidecar-image')
    expect(webhook.stderr()).toContain('set tls.certFile and tls.keyFile')
  })

  test('that is broken YAML is told with its line', async () => {
    const layout = await layOut()
    layout.write('config.yaml', 'webhook:\n  port: 1\n  drain: [5s\n')
    const webhook = layout.start()
    expect(await webhook.ended).toEqual({ code: 2, signal: null })
    expect(webhook.stderr()).toMatch(/^ConfigurationMalformed: \S+\/config\.yaml: [^\n]* at line \d+, column \d+\. /)
  })

  test('that is a whole ConfigMap is told as that', async () => {
    const layout = await layOut()
    layout.write('config.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n')
    const webhook = layout.start()
    expect(await webhook.ended).toEqual({ code: 2, signal: null })
    expect(webhook.stderr()).toContain('it is an object of Kubernetes: give the text of its data.config.yaml')
  })
})

describe('a certificate of the webhook', () => {
  const other = ca.issue(['127.0.0.1'])
  test.each([
    ['that is missing', 'FileUnreadable: tls.certFile: ', { certFile: '/none/tls.crt' }],
    ['whose key is missing', 'FileUnreadable: tls.keyFile: ', { keyFile: '/none/tls.key' }],
  ])('%s', async (_, line, tls) => {
    const webhook = (await layOut({ tls })).start()
    expect(await webhook.ended).toEqual({ code: 1, signal: null })
    expect(webhook.stderr()).toMatch(new RegExp(`^${line}/none/\\S+ cannot be read \\(ENOENT\\)`))
  })

  test.each([
    ['that is garbage', 'tls.crt', () => 'garbage', 'tls.certFile: no PEM certificate.'],
    ['that is empty', 'tls.crt', () => '', 'tls.certFile: no PEM certificate.'],
    ['that is truncated', 'tls.crt', () => pair.cert.slice(0, 200), 'tls.certFile: no PEM certificate.'],
    ['whose key is garbage', 'tls.key', () => 'garbage', 'tls.keyFile: no PEM private key without a passphrase.'],
    [
      'whose key is another one’s',
      'tls.key',
      async () => (await other).key,
      'tls.keyFile: the key does not belong to the certificate.',
    ],
  ])('%s', async (_, name, content, problem) => {
    const layout = await layOut()
    layout.write(name, await content())
    const webhook = layout.start()
    expect(await webhook.ended).toEqual({ code: 1, signal: null })
    expect(webhook.stderr()).toContain(`CertificateInvalid: ${problem}`)
    expect(lines(webhook.stderr())).toHaveLength(1)
  })
})

describe('the webhook ends', () => {
  test.each(['port', 'metricsPort'] as const)('where %s is taken', async (setting) => {
    const layout = await layOut()
    const port = setting === 'port' ? layout.ports.webhook : layout.ports.metrics
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void squatter.close())
    const webhook = layout.start()
    expect(await webhook.ended).toEqual({ code: 1, signal: null })
    expect(webhook.stderr()).toMatch(new RegExp(`^PortInUse: webhook\\.${setting}: port ${port} of 127\\.0\\.0\\.1 `))
  })

  test('where its address is not one of this machine', async () => {
    const webhook = (await layOut({ webhook: { address: '203.0.113.1' } })).start()
    expect(await webhook.ended).toEqual({ code: 1, signal: null })
    expect(webhook.stderr()).toMatch(/^ListenFailed: webhook\.metricsPort: port \d+ of 203\.0\.113\.1: \w+\. /)
  })
})
