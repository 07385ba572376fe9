import { execFile } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { ca, type Layout, layOut } from '../integration/webhook-process/webhook.ts'
import { only, render } from './helm.ts'
import { setOf } from './sets.ts'

type Tester = {
  readonly containers: readonly [{ readonly command: readonly string[]; readonly env: readonly EnvEntry[] }]
}
type EnvEntry = { readonly name: string; readonly value: string }

/** What `helm test` runs, pointed at a webhook on this machine. */
async function runTest(values: string, { ports }: Layout): Promise<{ code: unknown; output: string }> {
  const { containers } = only(await render(values), 'Pod')['spec'] as Tester
  const [{ command, env }] = containers
  const program = (command.at(-1) ?? '').replace('9798', String(ports.metrics)).replace('443', String(ports.webhook))
  const variables = {
    ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
    HOST: 'localhost',
    TRIES: '1',
  }
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', program], { env: variables }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    )
  })
}

async function serving(names: readonly string[], changes = {}): Promise<Layout> {
  const webhook = await layOut({ webhook: { address: '::' }, ...changes })
  const { cert, key } = await ca.issue(names)
  webhook.write('tls.crt', cert)
  webhook.write('tls.key', key)
  await webhook.start().said(/webhook started/)
  return webhook
}

test('helm test: a webhook that serves passes', async () => {
  const { code, output } = await runTest('', await serving(['localhost']))
  expect(output).toBe(
    'ok: the webhook is ready\nok: its certificate is for localhost\nok: it injects into an annotated pod\n',
  )
  expect(code).toBe(0)
})

test("helm test: it asks for what the operator's settings allow", async () => {
  const webhook = await serving(['localhost'], { aws: { partition: 'aws-cn' } })
  expect((await runTest('config: { aws: { partition: aws-cn } }', webhook)).code).toBe(0)
  expect((await runTest(setOf('private-sts').text, webhook)).code).toBe(0)
})

test('helm test: where nobody is permitted its role, a webhook that says so passes', async () => {
  const webhook = await serving(['localhost'], { permission: { defaultRoles: '' } })
  const { code, output } = await runTest('', webhook)
  expect(output).toContain('ok: it injects into an annotated pod that is permitted its role\n')
  expect(code).toBe(0)
})

test('helm test: a certificate for another name fails', async () => {
  const { code, output } = await runTest('', await serving(['elsewhere']))
  expect(output).toContain('FAILED: its certificate is for localhost: DNS:elsewhere')
  expect(code).toBe(1)
})

test('helm test: no webhook fails', async () => {
  const { code, output } = await runTest('', await layOut())
  expect(output).toContain('FAILED: ')
  expect(code).toBe(1)
})
