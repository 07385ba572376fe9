import { once } from 'node:events'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type DemoPod, type Programs, setStage, tellStory } from '../src/demo/index.ts'
import type { Flag, GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { jsonReport, textReport } from '../src/terminal/report.ts'
import { styleFor } from '../src/terminal/style.ts'

export const flags: readonly Flag[] = [
  { name: 'keep', doc: 'Stay up at the end, with curl lines to try, until Ctrl-C.' },
  { name: 'json', doc: 'One JSON object per line, for scripts.' },
  {
    name: 'break-trust',
    doc: 'Let the role trust another service account, to see how that fails: exit code 1 and the cause.',
  },
]

export const help = formatHelp({
  usage: 'lanyard demo [--keep] [--json] [--break-trust]',
  about:
    'Shows Lanyard at work on this machine: an OIDC issuer, an STS that verifies, the webhook, the sidecar and an app with an AWS SDK, all on loopback. No cluster, no AWS account, no container.',
  flags,
})

/** Sources in development, JavaScript once built: the same files beside this one, with its extension. */
function findPrograms(): Programs {
  const extension = extname(fileURLToPath(import.meta.url))
  const at = (name: string): string => fileURLToPath(new URL(name + extension, import.meta.url))
  return {
    node: process.execPath,
    lanyard: at('lanyard'),
    sidecar: at('demoSidecar'),
    wait: at('wait'),
    app: at('../src/demo/app'),
  }
}

/** Tells the story and cleans up behind it, whatever happens. Throws Failure at the step that does not hold. */
export async function run({ switches }: GivenFlags): Promise<void> {
  const style = styleFor(process.stdout)
  const write = (text: string): void => void process.stdout.write(text)
  const report = switches.has('json') ? jsonReport(write) : textReport(write, style)
  // Whoever reads may have seen enough (`| head`), and every further write fails.
  process.stdout.on('error', () => {})
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal))
  const interrupted = Promise.race([...signals, once(process.stdout, 'error')])
  const stage = await setStage(findPrograms(), switches.has('break-trust') ? 'another' : undefined)
  try {
    const told = await Promise.race([tellStory({ stage, report, style }), interrupted.then(() => undefined)])
    if (told === undefined) {
      process.exitCode = 130
      return
    }
    report.step(
      'end',
      switches.has('keep') ? 'Everything stays up until Ctrl-C' : 'Everything worked, and is gone again',
    )
    report.show(switches.has('keep') ? tryLines(told) : 'Next: npm test, or README.md for a real cluster.', {
      ok: true,
    })
    if (switches.has('keep')) await interrupted
  } finally {
    await stage.strike()
  }
}

const tryLines = ({ ports, tokenFile }: DemoPod): string =>
  [
    `curl -H "Authorization: $(cat '${tokenFile}')" http://127.0.0.1:${ports.credentials}/v1/credentials`,
    `curl -i http://127.0.0.1:${ports.credentials}/v1/credentials`,
    `curl http://127.0.0.1:${ports.metrics}/metrics`,
  ].join('\n')
