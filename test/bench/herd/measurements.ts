import type { Measurement } from '../bench.ts'
import { spreadOf } from '../statistics.ts'
import type { HerdFigureId } from './figures.ts'
import type { AfterOutage, HerdResult } from './results.ts'
import { type furtherScenarios, MINUTE, SECOND } from './scenarios.ts'

/** One run: the same seed gives the same figure. */
const one = (id: HerdFigureId, value: number): Measurement => ({ id, value: spreadOf([value]) })
const seconds = (id: HerdFigureId, milliseconds: number): Measurement => one(id, milliseconds / SECOND)
const over = (id: HerdFigureId, ratio: number, mean: number): Measurement => ({
  ...one(id, ratio),
  ours: spreadOf([ratio * mean]),
  baseline: spreadOf([mean]),
})

function outageOf({ name, afterOutages }: HerdResult, index: number): AfterOutage {
  const after = afterOutages[index]
  if (after === undefined) throw new Error(`${name}: there was no such outage`)
  return after
}

export const measurePeak = (id: HerdFigureId, { peak, mean }: HerdResult): Measurement => over(id, peak, mean)

/** Of two days: the first outage refuses, the second is silent. */
export function measurePeaks(days: HerdResult): readonly Measurement[] {
  const { mean, firstCycle } = days
  const [refused, silent] = [outageOf(days, 0), outageOf(days, 1)]
  return [
    measurePeak('herd.peakOverMean', days),
    over('herd.firstCycle', firstCycle, mean),
    over('herd.afterOutage', refused.minute, mean),
    over('herd.afterOutage.second', refused.second, mean),
    over('herd.afterOutage.later', refused.later, mean),
    over('herd.afterOutage.during', refused.during, mean),
    over('herd.afterSilence', silent.minute, mean),
    one('herd.mean', mean),
    one('herd.calls', days.calls),
  ]
}

/** What does not hang on how many there are. */
export const measureCounts = (days: HerdResult): readonly Measurement[] => [
  one('herd.expired', days.expired),
  seconds('herd.longestLack', days.longestLack),
  seconds('herd.longestStart', days.longestWait),
  one('herd.callsPerCredentials', days.callsPerCredentials),
]

type Further = Readonly<Record<keyof ReturnType<typeof furtherScenarios>, HerdResult>>

/** Waits of a cold outage and lacks of a long one count from its end, since nothing can be had before. */
export function measureFurther(herds: Further, sidecars: number): readonly Measurement[] {
  const { coldOutage, coldOutageInStep, longOutage, throttledStart, throttledStartInStep } = herds
  const after = (id: HerdFigureId, herd: HerdResult): Measurement => over(id, outageOf(herd, 0).minute, herd.mean)
  return [
    after('herd.coldOutage', coldOutage),
    seconds('herd.coldOutage.start', coldOutage.longestWait - 20 * MINUTE),
    after('herd.coldOutage.inStep', coldOutageInStep),
    seconds('herd.coldOutage.inStep.start', coldOutageInStep.longestWait - 20 * MINUTE),
    after('herd.longOutage', longOutage),
    seconds('herd.longOutage.lack', longOutage.longestLack),
    seconds('herd.throttled.start', throttledStart.longestWait),
    one('herd.throttled.start.calls', throttledStart.callsPerCredentials),
    seconds('herd.throttled.inStep.start', throttledStartInStep.longestWait),
    one('herd.throttled.expired', herds.throttledOutage.expired / sidecars),
    one('herd.brownout.expired', herds.brownout.expired / sidecars),
  ]
}
