import process from 'node:process'
import {
  formatDiffs,
  formatJson,
  formatNotes,
  formatUnknown,
  injectManifests,
  isRefused,
  joinTexts,
  type ManifestFile,
  parseManifests,
  type Result,
  readInputs,
  readSaid,
} from '../src/manifests/index.ts'
import { rolesAlike } from '../src/settings/index.ts'
import type { GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { styleFor } from '../src/terminal/style.ts'
import type { LiveCluster } from './inject/cluster.ts'
import { createDecider } from './inject/decide.ts'
import { type Deployed, readGround } from './inject/ground.ts'
import { flags, type Options, type Output, readOptions } from './inject/options.ts'
import { EXIT } from './run.ts'

export { flags } from './inject/options.ts'

export const help = formatHelp({
  usage: 'lanyard inject -f FILE [--config FILE | --from-cluster] [flags]',
  about:
    'Does offline to the pods of manifests what the webhook would do, and says what it would say. What does not ask for credentials is passed on byte for byte. Nothing is written to the standard output when a pod is denied: all problems of all documents are on the standard error, and the exit code is 1.',
  flags,
  after: [
    'Examples:',
    '  lanyard inject -f web.yaml --config webhook.yaml',
    '  helm template shop . | lanyard inject -f - --from-cluster | kubectl apply -f -',
  ].join('\n'),
})

/** Injects, and says what came of it. Throws Failure for whatever is no decision about a pod. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given, process.stdout.isTTY)
  const cluster = options.fromCluster ? await (await import('./inject/cluster.ts')).openCluster() : undefined
  try {
    const ground = readGround(given, await readDeployed(cluster, options))
    const manifests = parseManifests(await read('filename', options.paths))
    const { saidPaths, namespace, serverVersion } = options
    const files = (await Promise.all(saidPaths.map(({ flag, paths }) => read(flag, paths)))).flat()
    const said = readSaid([...parseManifests(files), ...manifests], namespace)
    const decider = createDecider(ground, { said, live: cluster?.lookup, serverVersion })
    const results = await injectManifests(manifests, { decide: decider.decide, namespace })
    tell(results, options.output, decider.unknown)
    process.stderr.write(formatAlike(rolesAlike(ground.config.userRoles)))
  } finally {
    cluster?.close()
  }
}

/** As the webhook says it in its log. */
const formatAlike = (names: readonly string[]): string =>
  names
    .map((name) => `userRoles.${name} is the same for all users: no sessionPolicy with {user} narrows it\n`)
    .map((warning) => `${styleFor(process.stderr).bold('warning:')} ${warning}`)
    .join('')

async function readDeployed(
  cluster: LiveCluster | undefined,
  { systemNamespace }: Options,
): Promise<Deployed | undefined> {
  if (cluster === undefined) return undefined
  return { text: await cluster.readConfig(systemNamespace), title: `config.yaml of the cluster` }
}

const read = (flag: string, paths: readonly string[]): Promise<readonly ManifestFile[]> =>
  readInputs(paths, { field: `--${flag}`, stdin: process.stdin })

function tell(results: readonly Result[], output: Output, unknown: ReadonlySet<string>): void {
  const isTerminal = process.stderr.isTTY
  process.stderr.write(formatNotes(results, { style: styleFor(process.stderr), isTerminal }) + formatUnknown(unknown))
  const refused = results.some(isRefused)
  if (refused) process.exitCode = EXIT.failed
  // Whoever reads may have seen enough (`| head`).
  process.stdout.on('error', () => {})
  if (output === 'json') process.stdout.write(formatJson(results))
  else if (!refused)
    process.stdout.write(output === 'diff' ? formatDiffs(results, styleFor(process.stdout)) : joinTexts(results))
}
