import process from 'node:process'
import {
  checksToApp,
  checksToSidecar,
  createWatcher,
  formatSummary,
  identityChecks,
  runChecks,
  type Target,
  toJson,
  worstOf,
} from '../src/doctor/index.ts'
import type { GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { styleFor } from '../src/terminal/style.ts'
import { exitCodeBy } from './doctor/exitCode.ts'
import { openGround } from './doctor/ground.ts'
import { flags, readOptions } from './doctor/options.ts'

export { flags } from './doctor/options.ts'

/** Whoever gives several is told better by what reads them. */
export const operands = { name: 'TARGET', most: Number.POSITIVE_INFINITY } as const

export const help = formatHelp({
  usage: 'lanyard doctor [TARGET] [-n NAMESPACE] [flags]',
  about:
    'Asks one question after the other, in the order in which things depend on one another, and says of each whether it is well, and if not, why and what to change. It changes nothing: it reads by KUBECONFIG, and lets the API server try pods out without keeping them. It reads no Secret, and shows no value of a variable.',
  flags,
  after: [
    'TARGET is pod/NAME (or NAME alone), deployment/NAME, statefulset/NAME,',
    'daemonset/NAME, replicaset/NAME, job/NAME, cronjob/NAME, serviceaccount/NAME or',
    'namespace/NAME, with the short names of kubectl; `pod NAME` is taken as well.',
    'Without one it looks at the installation, and at every pod that asks for Lanyard.',
    '',
    'Exit codes: 0 all is well, 1 something is wrong, 2 called wrongly, 3 warnings',
    'only.',
    '',
    'Examples:',
    '  lanyard doctor',
    '  lanyard doctor deployment/web -n shop',
    '  lanyard doctor sa/payments -n shop --json',
    '  aws iam get-role --role-name web > role.json',
    '  lanyard doctor pod/web -n shop --role-file role.json',
    '',
    'From inside the sidecar, with its own token and its own way to STS:',
    '  kubectl -n shop exec web -c lanyard -- lanyard doctor',
    '(The guard of permission: required denies exec into sidecars.)',
  ].join('\n'),
})

/** From the sidecar on: what comes before is how a pod gets one. */
const OWN_FROM = 'sidecar'

/** The identity's are of the pod that is looked at in depth: without a target there is none. */
const CHECKS = [
  ...checksToSidecar,
  ...identityChecks.map((check) => ({ ...check, needs: ['target', ...(check.needs ?? [])] })),
  ...checksToApp,
]

/** Who asks about all pods asks about the webhook before any of them. */
const ownFromOf = ({ kind }: Target): string | undefined =>
  kind === 'installation' || kind === 'namespace' ? undefined : OWN_FROM

/** Looks, tells as it goes, and sets the exit code. Throws Failure for whatever is called wrongly. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  const { ground, close } = await openGround(options)
  const progress = options.isJson ? process.stderr : process.stdout
  const style = styleFor(progress)
  const columns = (): number | undefined => (progress.isTTY ? progress.columns : undefined)
  const write = (text: string): void => void progress.write(text)
  // Whoever reads may have seen enough (`| head`).
  process.stdout.on('error', () => {})
  try {
    const watcher = createWatcher({ write, isTerminal: progress.isTTY, columns, style })
    const checked = await runChecks(CHECKS, ground, new AbortController().signal, watcher)
    const ownFrom = ownFromOf(ground.target)
    process.stdout.write(
      options.isJson ? toJson(checked, ownFrom) : formatSummary(checked, style, { columns: columns(), ownFrom }),
    )
    process.exitCode = exitCodeBy(worstOf(checked.map(({ verdict }) => verdict)))
  } finally {
    close()
  }
}
