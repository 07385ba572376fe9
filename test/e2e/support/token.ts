/** The API server as the webhook's own ServiceAccount sees it: with its token, and nothing of an administrator. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectl } from './kubectl.ts'
import { type Ran, type RunOptions, run } from './shell.ts'

export type As = (args: readonly string[], options?: RunOptions) => Promise<Ran>

/** kubectl with a token of the ServiceAccount. */
export async function asServiceAccount(name: string, namespace: string): Promise<As> {
  const token = (await kubectl(['create', 'token', name, '-n', namespace])).trim()
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']))
  const own = { ...config, users: [{ name: config.users[0].name, user: { token } }] }
  const path = join(mkdtempSync(join(tmpdir(), 'lanyard-account-')), 'kubeconfig')
  writeFileSync(path, JSON.stringify(own), { mode: 0o600 })
  return (args, options = {}) => run('kubectl', args, { ...options, env: { ...options.env, KUBECONFIG: path } })
}
