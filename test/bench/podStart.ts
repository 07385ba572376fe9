import process from 'node:process'
import { waitFor } from '../e2e/support/kubectl.ts'
import { ensureInstalled } from '../e2e/support/lanyard.ts'
import { run } from '../e2e/support/shell.ts'
import type { Bench, Found, Ground, Measurement, Spread } from './bench.ts'
import { hasDocker } from './image/docker.ts'
import { type Api, openApi } from './podStart/api.ts'
import { type Added, addedBy, type Start, startTime } from './podStart/instants.ts'
import { startPod, tryPod } from './podStart/start.ts'
import { openWorld } from './podStart/world.ts'
import { spreadOf } from './statistics.ts'

export const BENCH: Bench = {
  name: 'pod',
  about: 'what Lanyard adds to the start of a pod, on a real cluster',
  run: async (ground) => {
    const missing = await missingTools()
    return missing.length === 0 ? measure(ground) : { leftOut: [leftOut(missing)] }
  },
}

const WARM_UP = 1
/** Pairs of pods, by the start gate. */
const PAIRS = { postStart: 11, startupProbe: 5 } as const
const SHORT = 3

const leftOut = (missing: readonly string[]): string =>
  `a pod's start, on a cluster of kind, or of KUBECONFIG with E2E_LOAD_IMAGE (npm run e2e -- --help): ${missing.join(', ')} missing`

/** What is not there of all that it takes. */
async function missingTools(): Promise<readonly string[]> {
  const needed = ['kubectl', 'helm', ...(process.env['E2E_LOAD_IMAGE'] === undefined ? ['kind'] : [])]
  const found = await Promise.all(needed.map((tool) => run('sh', ['-c', `command -v ${tool}`])))
  const missing = needed.filter((_, index) => found[index]?.code !== 0)
  return (await hasDocker()) ? missing : ['a docker daemon', ...missing]
}

async function measure({ short, atEnd, say }: Ground): Promise<Found> {
  await openWorld({ atEnd, say })
  const api = await openApi(atEnd)
  const hook = await startPairs(api, short ? SHORT : PAIRS.postStart, say)
  const measurements = toMeasurements(hook)
  if (short) return { measurements }
  say('the same with a startup probe as the gate')
  await ensureInstalled({ config: { sidecar: { startGate: 'startupProbe' } } })
  const probe = addedOf(await startPairs(api, PAIRS.startupProbe, say))
  const lever = {
    name: 'A hook as the start gate, in place of a startup probe',
    what: "added to a pod's start",
    unit: 's',
    without: probe,
    with: addedOf(hook),
  }
  return { measurements: [...measurements, { id: 'pod.added.probe', value: probe }], levers: [lever] }
}

type Pair = { readonly having: Start; readonly without: Start; readonly parts: Added }

/** Whoever comes first changes with every pair. */
async function startPairs(api: Api, count: number, say: Ground['say']): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  // A Service whose endpoints have just changed may refuse for a moment.
  await waitFor('the webhook answers', () => tryPod(api).then(() => true))
  for (let round = 0; round < count + WARM_UP; round += 1) {
    say(`pods with Lanyard and without, pair ${round + 1} of ${count + WARM_UP}`)
    const first = round % 2 === 0 ? await startPod(api, 'without') : undefined
    const having = await startPod(api, 'with')
    const without = first ?? (await startPod(api, 'without'))
    if (round >= WARM_UP) pairs.push({ having, without, parts: addedBy(having, without) })
  }
  return pairs
}

const addedOf = (pairs: readonly Pair[]): Spread => spreadOf(pairs.map(({ parts }) => parts.added))

function toMeasurements(pairs: readonly Pair[]): readonly Measurement[] {
  const part = (of: keyof Added): Spread => spreadOf(pairs.map(({ parts }) => parts[of]))
  return [
    { id: 'pod.added', value: part('added') },
    { id: 'pod.added.review', value: part('review') },
    { id: 'pod.added.listening', value: part('listening') },
    { id: 'pod.added.credentials', value: part('credentials') },
    { id: 'pod.added.app', value: part('app') },
    { id: 'pod.with', value: spreadOf(pairs.map(({ having }) => startTime(having))) },
    { id: 'pod.without', value: spreadOf(pairs.map(({ without }) => startTime(without))) },
  ]
}
