import { once } from 'node:events'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type DemoPod, type Programs, setStage, tellStory } from '../src/demo/index.ts'
import { toFailure } from '../src/errors/index.ts'
import type { Flag, GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { jsonReport, textReport } from '../src/terminal/report.ts'
import { styleFor } from '../src/terminal/style.ts'

export const flags: readonly Flag[] = [
  { name: 'keep', doc: 'Stay up at the end, with curl lines to try, until Ctrl-C.' },
  { name: 'full', doc: 'Show the whole sidecar container and all metrics.' },
  { name: 'json', doc: 'One JSON object per line, for scripts.' },
  {
    name: 'break-trust',
    doc: 'Let the role trust another service account, to see how that fails: exit code 1 and the cause.',
  },
]

export const help = formatHelp({
  usage: 'lanyard demo [--keep] [--full] [--json] [--break-trust]',
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
    const told = await Promise.race([
      tellStory({ stage, report, style, full: switches.has('full') }),
      interrupted.then(() => undefined),
    ])
    if (told === undefined) {
      process.exitCode = 130
      return
    }
    const keep = switches.has('keep')
    report.step('end', keep ? 'Everything stays up until Ctrl-C: try it' : 'Everything worked, and is gone again')
    report.show(keep ? tryLines(told) : "Next: README.md, 'On a cluster of your own, in minutes'.", endOf(told))
    if (keep) await interrupted
  } catch (thrown) {
    const { code, message } = toFailure(thrown)
    if (switches.has('json')) report.show('', { ok: false, code, message })
    throw thrown
  } finally {
    await stage.strike()
  }
}

const endpointOf = ({ ports }: DemoPod): string => `http://127.0.0.1:${ports.credentials}/v1/credentials`
const metricsOf = ({ ports }: DemoPod): string => `http://127.0.0.1:${ports.metrics}/metrics`

const endOf = (pod: DemoPod): Readonly<Record<string, unknown>> => ({
  ok: true,
  credentials: endpointOf(pod),
  tokenFile: pod.tokenFile,
  metrics: metricsOf(pod),
})

const tryLines = (pod: DemoPod): string =>
  [
    '# the credentials, as an SDK gets them',
    `curl -w '\\n' -H "Authorization: $(cat '${pod.tokenFile}')" ${endpointOf(pod)}`,
    '# refused: no token',
    `curl -i -w '\\n' ${endpointOf(pod)}`,
    '# what Prometheus scrapes',
    `curl ${metricsOf(pod)}`,
  ].join('\n')
