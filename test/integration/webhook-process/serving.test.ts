import { once } from 'node:events'
import { connect } from 'node:tls'
import { applyPatch, type Operation } from 'rfc6902'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../../cmd/webhook/settings.ts'
import { startWebhookCommand } from '../../../cmd/webhook/start.ts'
import { pod, review } from '../../unit/webhook/reviews.ts'
import { open } from '../webhook/client.ts'
import { ca, layOut, linesOf } from './webhook.ts'

/** What it says before that it has started: here ServiceAccounts and namespaces are not read. */
const UNREAD = 'sources.enabled is false: lanyard.dev/permitted-roles of namespaces is not read'

async function started(changes: Parameters<typeof layOut>[0] = {}) {
  const layout = await layOut(changes)
  const webhook = layout.start()
  await webhook.said(/"msg":"webhook started"/)
  return { layout, webhook }
}

const serialOf = async (port: number): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port, ca: ca.pem })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

describe('the webhook as a process', () => {
  test('answers reviews over TLS, one line of the log each, and shows them in its metrics', async () => {
    const { layout, webhook } = await started()
    const { status, text } = await layout.mutate()
    const { response } = JSON.parse(text)
    expect([status, response.allowed, response.patchType]).toEqual([200, true, 'JSONPatch'])
    const patched = pod()
    applyPatch(patched, JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[])
    expect(patched).toMatchObject({ spec: { initContainers: [{ name: 'lanyard', image: 'lanyard:1' }] } })
    await webhook.said(/"msg":"admission review answered"}/)
    expect(linesOf(webhook.stdout())).toEqual([
      expect.objectContaining({ level: 'warn', msg: UNREAD }),
      expect.objectContaining({ level: 'info', msg: 'webhook started' }),
      expect.objectContaining({ level: 'info', namespace: 'shop', outcome: 'inject', reasons: ['Patched'] }),
    ])
    expect((await layout.observe('/metrics')).text).toContain(
      'lanyard_admission_requests_total{outcome="inject",reason="Patched"} 1\n',
    )
    expect((await layout.observe('/readyz')).status).toBe(200)
  })

  test('takes a variable over the file, and a flag over both', async () => {
    const layout = await layOut({ sidecar: { image: 'file:1' } })
    const imageOf = async (): Promise<unknown> => {
      const { response } = JSON.parse((await layout.mutate()).text)
      return /"image":"([^"]+)"/.exec(Buffer.from(response.patch, 'base64').toString())?.[1]
    }
    const byVariable = layout.start([], { LANYARD_CONFIG: layout.config, LANYARD_SIDECAR_IMAGE: 'variable:1' })
    await byVariable.said(/"msg":"webhook started"/)
    expect(await imageOf()).toBe('variable:1')
    await byVariable.kill('SIGKILL')
    const byFlag = layout.start(['--config', layout.config, '--sidecar-image=flag:1'], {
      LANYARD_SIDECAR_IMAGE: 'variable:1',
    })
    await byFlag.said(/"msg":"webhook started"/)
    expect(await imageOf()).toBe('flag:1')
  })

  test('goes on when nobody takes its log any more', async () => {
    const { layout, webhook } = await started()
    webhook.turnAway()
    for (const _ of [1, 2, 3]) expect((await layout.mutate()).status).toBe(200)
    expect(await webhook.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s finishes what is under way and exits 0', async (signal) => {
    const { webhook, layout } = await started()
    const body = JSON.stringify(review())
    const slow = open({ port: layout.ports.webhook, ca: ca.pem, headers: { 'content-type': 'application/json' } })
    slow.request.write(body.slice(0, 20))
    const [socket] = await once(slow.request, 'socket')
    await once(socket, 'secureConnect')
    const ended = webhook.kill(signal)
    await webhook.said(/"msg":"draining"/)
    expect((await layout.observe('/readyz')).status).toBe(503)
    slow.request.end(body.slice(20))
    expect((await slow.reply).status).toBe(200)
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(linesOf(webhook.stdout()).map(({ msg }) => msg)).toEqual([
      UNREAD,
      'webhook started',
      'draining',
      'admission review answered',
      'drained',
    ])
    expect(webhook.stderr()).toBe('')
  })
})

describe('certificate files that are replaced while the webhook runs', () => {
  async function following() {
    const layout = await layOut()
    const log = { text: '', watchers: new Set<() => void>() }
    const write = (line: string): void => {
      log.text += line
      for (const look of log.watchers) look()
    }
    const logged = (pattern: RegExp): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (pattern.test(log.text)) resolve()
        }
        log.watchers.add(look)
        look()
      })
    const config = readSettings({ texts: { config: layout.config }, lists: {}, switches: new Set(), operands: [] }, {})
    const running = await startWebhookCommand(config, { certificatePoll: 5, write })
    onTestFinished(() => running.stop())
    return { layout, logged, log }
  }

  test('are what new connections get', async () => {
    const { layout, logged } = await following()
    const first = await serialOf(layout.ports.webhook)
    const next = await ca.issue(['127.0.0.1'])
    layout.write('tls.crt', next.cert)
    layout.write('tls.key', next.key)
    await logged(/"msg":"serving certificate replaced"/)
    expect(await serialOf(layout.ports.webhook)).not.toBe(first)
    expect((await layout.mutate()).status).toBe(200)
  })

  test('and do not fit are told, and not served', async () => {
    const { layout, logged, log } = await following()
    const first = await serialOf(layout.ports.webhook)
    const next = await ca.issue(['127.0.0.1'])
    layout.write('tls.crt', next.cert)
    await logged(/"msg":"certificate files not taken over"/)
    expect(await serialOf(layout.ports.webhook)).toBe(first)
    expect(log.text).toContain('"code":"CertificateInvalid"')
    // Looked at again and again meanwhile.
    for (let round = 0; round < 5; round += 1) await serialOf(layout.ports.webhook)
    expect(log.text.match(/not taken over/g)).toHaveLength(1)
    layout.write('tls.key', next.key)
    await logged(/"msg":"serving certificate replaced"/)
    expect(await serialOf(layout.ports.webhook)).not.toBe(first)
  })
})
