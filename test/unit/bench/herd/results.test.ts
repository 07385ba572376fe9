import { describe, expect, test } from 'vitest'
import { herdFigures } from '../../../bench/herd/figures.ts'
import { measureCounts, measureFurther, measurePeak, measurePeaks } from '../../../bench/herd/measurements.ts'
import { type HerdResult, resultOf, resultsOf } from '../../../bench/herd/results.ts'
import {
  fifteenMinutes,
  furtherScenarios,
  imdsClients,
  quietDay,
  twelveHours,
  twoDays,
} from '../../../bench/herd/scenarios.ts'
import { simulate } from '../../../bench/herd/simulate.ts'
import { HOUR, MINUTE } from '../../credentials/support.ts'

const result: HerdResult = {
  name: 'a herd',
  mean: 50,
  minutes: 60,
  peak: 1.1,
  firstCycle: 1.05,
  afterOutages: [
    { minute: 3.5, second: 5, later: 1.2, during: 6 },
    { minute: 3.4, second: 4, later: 1.3, during: 7 },
  ],
  calls: 1000,
  callsPerCredentials: 1.25,
  expired: 3,
  longestLack: 4000,
  medianWait: 200,
  longestWait: 25 * MINUTE,
  withoutAny: 0,
  restarts: 0,
}
const further = {
  coldOutage: result,
  coldOutageInStep: result,
  longOutage: result,
  throttledStart: result,
  throttledStartInStep: result,
  throttledOutage: result,
  brownout: result,
}

describe('the figures of herds', () => {
  const all = [
    ...measurePeaks(result),
    ...measureCounts(result),
    ...(['herd.fifteenMinutes', 'herd.twelveHours', 'herd.imds'] as const).map((id) => measurePeak(id, result)),
    ...measureFurther(further, 10),
  ]
  const figure = (id: string): number | undefined => all.find((one) => one.id === id)?.value.median

  test('are all of them, each once', () => {
    expect(all.map(({ id }) => id).toSorted()).toEqual(Object.keys(herdFigures).toSorted())
  })

  test('are what their names say, in their units', () => {
    expect(['herd.peakOverMean', 'herd.afterOutage', 'herd.afterSilence'].map(figure)).toEqual([1.1, 3.5, 3.4])
    expect(['herd.expired', 'herd.longestLack', 'herd.longestStart'].map(figure)).toEqual([3, 4, 1500])
    expect(['herd.coldOutage.start', 'herd.brownout.expired'].map(figure)).toEqual([300, 0.3])
  })

  test('of a peak tell both rates', () => {
    const [peak] = measurePeaks(result)
    expect([peak?.ours?.median, peak?.baseline?.median]).toEqual([expect.closeTo(55, 9), 50])
  })

  test('an outage that was not simulated has none', () => {
    expect(() => measurePeaks({ ...result, afterOutages: [] })).toThrow('a herd: there was no such outage')
  })
})

describe('a herd of 500', () => {
  test('shows two days: the peaks, and nobody without credentials', () => {
    const scenario = twoDays(500)
    const seen = resultOf(scenario, simulate(scenario.options))
    expect(seen).toMatchObject({ expired: 0, longestLack: 0, withoutAny: 0, minutes: 15 * 60 + 37 })
    expect(seen.mean).toBeCloseTo(475 / (28.5 * 60), 1)
    expect(seen.callsPerCredentials).toBeGreaterThan(1)
    expect(seen.afterOutages).toHaveLength(2)
    // Those that start in an outage: it, and the longest wait of kubelet's.
    expect(seen.longestWait).toBeGreaterThan(15 * MINUTE)
    expect(seen.longestWait).toBeLessThan(27 * MINUTE)
  })

  test('throttled to what it needs and half as much again, loses nobody’s credentials in an outage', () => {
    const { throttledOutage } = furtherScenarios(2_000)
    expect(resultOf(throttledOutage, simulate(throttledOutage.options)).expired).toBe(0)
  })

  test('loses next to none while four calls of five fail for an hour', () => {
    const { brownout } = furtherScenarios(500)
    expect(resultOf(brownout, simulate(brownout.options)).expired).toBeLessThan(5)
  })
})

test('herds are simulated in threads, by their names', async () => {
  const scenarios = {
    quarter: fifteenMinutes(20),
    half: twelveHours(20),
    imds: imdsClients(20),
    hour: quietDay(20, { span: HOUR }),
  }
  const results = await resultsOf(scenarios)
  expect(Object.keys(results)).toEqual(Object.keys(scenarios))
  expect(results.hour).toEqual(resultOf(scenarios.hour, simulate(scenarios.hour.options)))
  expect(results.half.calls).toBeLessThan(results.imds.calls)
  expect(results.quarter.mean).toBeGreaterThan(results.imds.mean)
})
