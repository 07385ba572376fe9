import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tryKubectl } from './support/kubectl.ts'
import { NAMESPACE, RELEASE, told } from './support/settings.ts'
import { run } from './support/shell.ts'

const NAMESPACES = ['shop', 'lanyard-example']

async function clear(): Promise<void> {
  await run('helm', ['uninstall', RELEASE, '-n', NAMESPACE, '--wait'])
  await tryKubectl(['delete', 'namespace', ...NAMESPACES, '--ignore-not-found', '--timeout=90s'])
  await tryKubectl(['delete', 'configmap', 'example-sts-ca', '-n', NAMESPACE, '--ignore-not-found'])
}
beforeAll(clear)
afterAll(clear)

/** The README's block word for word, but for the cluster, which is here, and its own way to load images. */
function quickStart(): string {
  const block = /<!-- quick start: run by test\/e2e -->\n+```sh\n([\s\S]*?)```/.exec(
    readFileSync('README.md', 'utf8'),
  )?.[1]
  if (block === undefined) throw new Error('README.md has no block that is marked as the quick start')
  const loaded = block.replace(/^kind load docker-image (.*)$/m, (_, images: string) =>
    images
      .split(' ')
      .map((image) => told().load.replaceAll('{}', image))
      .join('\n'),
  )
  const here = loaded.replace(/^kind create cluster\n/m, '')
  expect(here).not.toBe(loaded)
  expect(loaded).not.toBe(block)
  return here
}

test('the quick start of the README works word for word', async () => {
  const { code, stdout, stderr } = await run('bash', ['-euo', 'pipefail', '-c', quickStart()], { timeout: 600_000 })
  expect(code, stderr + stdout).toBe(0)
  expect(stdout).toContain('"arn":"arn:aws:sts::111122223333:assumed-role/web/shop.web.web"')
}, 600_000)
