import process from 'node:process'
import type { GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { runUntilSignal } from './run.ts'
import { readSettings, webhookFlags } from './webhook/settings.ts'
import { startWebhookCommand } from './webhook/start.ts'

export { webhookFlags as flags } from './webhook/settings.ts'

export const help = formatHelp({
  usage: 'lanyard webhook --config FILE',
  about:
    'Runs the admission webhook: POST /mutate over TLS, /healthz, /readyz and /metrics on a port of their own. Stops on SIGTERM once nothing is under way.',
  flags: webhookFlags,
})

/** Runs the webhook until SIGTERM. */
export async function run(given: GivenFlags): Promise<void> {
  const tell = (failure: Error): void => void process.stderr.write(`${failure.message}\n`)
  await runUntilSignal(async () => startWebhookCommand(readSettings(given, process.env)), tell, process)
}
