import { seededRandom } from '../unit/credentials/support.ts'
import type { Bench, Curve, Found } from './bench.ts'
import { chancePeak } from './herd/chance.ts'
import { measureCounts, measureFurther, measurePeak, measurePeaks } from './herd/measurements.ts'
import { type HerdResult, resultsOf } from './herd/results.ts'
import {
  fifteenMinutes,
  furtherScenarios,
  imdsClients,
  MINUTE,
  quietDay,
  twelveHours,
  twoDays,
} from './herd/scenarios.ts'
import { exponentOf } from './statistics.ts'

const SIDECARS = 100_000
/** For counts and waits, and for peaks of several times the mean. */
const FEWER = 10_000
/** CI sees that nobody's credentials end. */
const SHORT = 5_000

export const BENCH: Bench = {
  name: 'herd',
  about: 'what very many sidecars ask of STS together: two days of the real state machine, by a virtual clock',
  run: async ({ short, say }) => {
    say(`${(short ? SHORT : SIDECARS).toLocaleString('en-US')} sidecars for two days, simulated`)
    return short ? await runShort() : await runAll()
  },
}

async function runShort(): Promise<Found> {
  const { days } = await resultsOf({ days: twoDays(SHORT) })
  return {
    measurements: measureCounts(days),
    leftOut: [`peaks of the herd: those of ${SHORT.toLocaleString('en-US')} sidecars are mostly chance`],
  }
}

async function runAll(): Promise<Found> {
  const herds = await resultsOf({
    days: twoDays(SIDECARS),
    fifteen: fifteenMinutes(SIDECARS / 2),
    twelve: twelveHours(SIDECARS),
    imds: imdsClients(SIDECARS / 2),
    ...furtherScenarios(FEWER),
    thousand: quietDay(SIDECARS / 100),
    tenThousand: quietDay(SIDECARS / 10),
    all: quietDay(SIDECARS),
  })
  return {
    measurements: [
      ...measurePeaks(herds.days),
      ...measureCounts(herds.days),
      measurePeak('herd.fifteenMinutes', herds.fifteen),
      measurePeak('herd.twelveHours', herds.twelve),
      measurePeak('herd.imds', herds.imds),
      ...measureFurther(herds, FEWER),
    ],
    curves: growthOf([
      [SIDECARS / 100, herds.thousand],
      [SIDECARS / 10, herds.tenThousand],
      [SIDECARS, herds.all],
    ]),
  }
}

/** How far above the mean the busiest minute is, and how far it would be if calls came by chance alone. */
function growthOf(herds: readonly (readonly [number, HerdResult])[]): readonly Curve[] {
  const curve = (name: string, of: (result: HerdResult) => number): Curve => {
    const points = herds.map(([at, result]) => ({ at, value: of(result) - 1 }))
    return { name, axis: 'sidecars', unit: '× of the mean', points, exponent: exponentOf(points) }
  }
  const random = seededRandom(1)
  const byChance = ({ mean, minutes }: HerdResult): number =>
    chancePeak(Math.round((mean * minutes * MINUTE) / 1_000), minutes, random)
  return [
    curve('herd: what the busiest minute has above the mean', ({ peak }) => peak),
    curve('herd: what it has by chance alone', byChance),
  ]
}
