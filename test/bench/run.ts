/** `npm run bench`: what the webhook costs on a large cluster, as ratios within one run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { buildBundles, bundles } from '../../scripts/build/bundles.ts'
import { compare, type Effort, type Measured, measure } from './measure.ts'
import { openRealCluster } from './realCluster.ts'
import { startStandIn } from './standIn.ts'
import { startWebhook, type Webhook } from './webhook.ts'

const help = `What the webhook's memory and latency are where a cluster has many ServiceAccounts, against one that has few.

Usage:
  npm run bench -- [--short] [--real]

Flags:
  --short   Fewer rounds: a minute in all.
  --real    In the cluster of KUBECONFIG: with a few ServiceAccounts, then with 50,000; all are deleted at the end.

Two webhooks, as the image has them, run side by side and are asked in turns, so that noise of the machine hits both; each
reads from a stand-in that answers as an API server does. With --real, one is measured after the other.
Exit codes: 0 measured, 1 failed, 2 called wrongly.
`

const MANY = 50_000
const ANNOTATED = 500
const FEW = 10

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { short: { type: 'boolean' }, real: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-bench-'))
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const ground: Ground = { folder, effort: { rounds: values.short ? 5 : 20, reviews: 500 }, ends }
  try {
    await buildBundles(
      process.cwd(),
      folder,
      bundles.filter(({ name }) => name === 'webhook.cjs'),
    )
    print(await (values.real ? oneAfterOther(ground) : sideBySide(ground)))
  } finally {
    for (const end of ends) await end()
  }
}

type Ground = { readonly folder: string; readonly effort: Effort; readonly ends: (() => unknown)[] }

/** Each webhook with a stand-in of its own, asked in turns. */
async function sideBySide({ folder, effort, ends }: Ground): Promise<readonly Measured[]> {
  const few = await startStandIn({ folder, name: 'few', accounts: FEW, annotated: FEW })
  ends.unshift(few.stop)
  const many = await startStandIn({ folder, name: 'many', accounts: MANY, annotated: ANNOTATED })
  ends.unshift(many.stop)
  const webhooks: Webhook[] = []
  for (const [name, { kubeconfig, annotated }] of Object.entries({ few, many })) {
    const webhook = await startWebhook({ folder, name, kubeconfig, annotated })
    ends.unshift(webhook.stop)
    webhooks.push(webhook)
  }
  return await measure(webhooks, effort)
}

/** One cluster cannot have few and many at once. */
async function oneAfterOther({ folder, effort, ends }: Ground): Promise<readonly Measured[]> {
  const cluster = await openRealCluster()
  ends.unshift(cluster.stop)
  const measured: Measured[] = []
  for (const [accounts, annotated] of [
    [FEW, FEW],
    [MANY, ANNOTATED],
  ] as const) {
    const names = await cluster.fill(accounts, annotated)
    const { kubeconfig } = cluster
    const webhook = await startWebhook({ folder, name: `of-${accounts}`, kubeconfig, annotated: names })
    measured.push(...(await measure([webhook], effort)))
    await webhook.stop()
  }
  return measured
}

function print([few, many]: readonly Measured[]): void {
  if (few === undefined || many === undefined) return
  const row = (what: string, of: (measured: Measured) => number, unit: string): string =>
    [
      what.padEnd(44),
      ...[few, many].map((one) => `${of(one).toFixed(2)} ${unit}`.padStart(12)),
      compare(of(few), of(many), unit),
    ].join('')
  const lines = [
    `${''.padEnd(44)}${`${FEW} accounts`.padStart(12)}${`${MANY}`.padStart(12)}`,
    row('private memory, synced', ({ synced }) => synced, 'MiB'),
    row('private memory, after the reviews', ({ after }) => after, 'MiB'),
    row('start to ready', ({ ready }) => ready, 'ms'),
    ...few.latencies.map(({ name }, index) =>
      [
        row(`${name}: median`, ({ latencies }) => latencies[index]?.median ?? 0, 'ms'),
        row(`${name}: p99`, ({ latencies }) => latencies[index]?.p99 ?? 0, 'ms'),
      ].join('\n'),
    ),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

try {
  await main()
} catch (thrown) {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof TypeError && 'code' in thrown ? 2 : 1
}
