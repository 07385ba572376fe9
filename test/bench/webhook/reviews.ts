import type { Measurement } from '../bench.ts'
import type { FigureId } from '../figures.ts'
import { ratioOf } from '../statistics.ts'
import { type Compared, compare, interleave } from '../support/rounds.ts'
import { ACCOUNT, ask, type Place, type Round } from './place.ts'
import { requestOf, reviewBody, SIZES } from './pods.ts'
import { type Reviewer, startParser } from './servers.ts'
import { SILENT_NAMESPACE } from './standIn.ts'

const CONNECTIONS = [1, 16] as const

/** Reviews of each size on one connection and on sixteen, the webhook and the server that only parses in turns. */
export async function measureReviews(place: Place, ours: Reviewer, parser: Reviewer): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  for (const size of SIZES)
    for (const connections of CONNECTIONS) {
      const request = requestOf(reviewBody({ ...size, serviceAccount: ACCOUNT }))
      const asking = { request, connections, time: timeOf(place, size.name) }
      const pairs = await compare(
        roundsOf(place),
        () => ask(place, ours, asking),
        () => ask(place, parser, asking),
      )
      measurements.push(...ratios(`${size.name}.${connections}`, pairs))
    }
  return measurements
}

const roundsOf = ({ ground }: Place) => ({ rounds: ground.short ? 3 : 7, warmUp: 1 })
/** Of a megabyte a server takes about fifty in that time, so they get more. */
const timeOf = ({ ground }: Place, size: string): number => (ground.short ? 250 : size === '1MB' ? 900 : 500)

type Case = `${(typeof SIZES)[number]['name']}.${(typeof CONNECTIONS)[number]}`

function ratios(of: Case, pairs: readonly Compared<Round>[]): readonly Measurement[] {
  const figures: readonly (readonly [FigureId, keyof Round])[] = [
    [`webhook.requests.${of}`, 'perSecond'],
    [`webhook.cpu.${of}`, 'cpu'],
    [`webhook.p50.${of}`, 'p50'],
    [`webhook.p99.${of}`, 'p99'],
  ]
  return figures.map(([id, key]) => ({ id, ...ratioOf(pairs.map((pair) => only(pair, key))) }))
}

const only = ({ ours, baseline }: Compared<Round>, key: keyof Round) => ({ ours: ours[key], baseline: baseline[key] })

/**
 * What explains the small pods' figure: how much of it is that the answer is longer than their review, and what it costs
 * where neither the ServiceAccount nor the namespace is held, so that both are asked for.
 */
export async function explainSmall(place: Place, ours: Reviewer, parser: Reviewer): Promise<readonly Measurement[]> {
  const [size] = SIZES
  const reviewOf = (serviceAccount: string, namespace?: string): string =>
    requestOf(reviewBody({ ...size, serviceAccount, ...(namespace !== undefined && { namespace }) }))
  const [held, asked] = [reviewOf(ACCOUNT), reviewOf('silent-account', SILENT_NAMESPACE)]
  const wordy = await startParser(place.ground, { patch: PATCH })
  const take = (reviewer: Reviewer, request: string) => () =>
    ask(place, reviewer, { request, connections: 16, time: timeOf(place, size.name) })
  const [usual = [], wordier = [], bare = [], live = []] = await interleave({
    ...roundsOf(place),
    takes: [take(ours, held), take(wordy, held), take(parser, held), take(ours, asked)],
  })
  await wordy.subject.stop()
  const ratio = (id: FigureId, left: readonly Round[], right: readonly Round[]): Measurement => ({
    id,
    ...ratioOf(left.map(({ cpu }, round) => ({ ours: cpu, baseline: right[round]?.cpu ?? Number.NaN }))),
  })
  return [ratio('webhook.cpu.sameBytes', usual, wordier), ratio('webhook.cpu.asked', live, bare)]
}

/** Characters of the patch for one container. */
const PATCH = 5_400
