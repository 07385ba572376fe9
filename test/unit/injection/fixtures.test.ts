import { describe, expect, it } from 'vitest'
import { admitByEntries, applied, mutatedByEntries } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import {
  expectedOf,
  isUpdating,
  podFixture,
  podFixtures,
  resultOf,
  writePodFixture,
} from '../../support/podFixtures.ts'
import { containerOf } from '../../support/tree.ts'
import { configurationOf, contextOf, derived, made } from './cases.ts'

if (isUpdating) for (const [name, pod] of Object.entries(derived)) writePodFixture(name, pod())

describe('pod fixtures', { timeout: 60_000 }, () => {
  it.each(podFixtures())('%s', (name) => {
    const result = resultOf(name, contextOf(name))
    expect(result).toEqual(expectedOf(name, result))
  })

  it('come again with a second pass over what it made of them', () => {
    for (const name of podFixtures()) {
      const [pod, context] = [podFixture(name), contextOf(name)]
      const outcome = admitByEntries(pod, context)
      if (outcome.kind !== 'inject') continue
      const after = applied(pod, outcome.patch)
      expect([name, admitByEntries(after, context)]).toMatchObject([name, { patch: [] }])
      expect([name, admitByEntries(defaulted(after), context)]).toMatchObject([name, { patch: [] }])
    }
  })

  it('leave every path of a patch in its own place', () => {
    const place =
      /^\/(metadata\/annotations(\/lanyard\.dev~1status)?|spec\/(volumes|resources|initContainers)|spec\/(initC|c)ontainers\/\d+\/(env|volumeMounts))(\/\d+)?$/
    for (const name of podFixtures()) {
      const outcome = admitByEntries(podFixture(name), contextOf(name))
      if (outcome.kind === 'inject')
        for (const { path } of outcome.patch) expect([name, path]).toEqual([name, expect.stringMatching(place)])
    }
  })

  it('are at least sixty that somebody could create, and each configuration has some', () => {
    const names = podFixtures()
    expect(names.length).toBeGreaterThanOrEqual(60)
    const counts = Map.groupBy(names, configurationOf)
    expect([...counts.values()].map((cases) => cases.length >= 5)).toEqual([true, true, true, true])
  })

  it.each(Object.entries(derived))('%s is still what it follows from', (name, pod) => {
    expect(podFixture(name)).toEqual(JSON.parse(JSON.stringify(pod())))
  })

  it.each(Object.entries(made))('%s is injected whole, and once', (name, make) => {
    const [pod, context] = [make(), contextOf(name, make())]
    const after = mutatedByEntries(pod, context)
    expect(admitByEntries(defaulted(after), context)).toMatchObject({ kind: 'inject', patch: [] })
    const sidecar = containerOf(after, 'lanyard')
    expect(JSON.stringify(sidecar).length).toBeLessThan(32_768)
  })
})
