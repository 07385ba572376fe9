import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { applied } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import {
  expectedOf,
  isUpdating,
  podFixture,
  podFixtures,
  resultOf,
  writePodFixture,
} from '../../support/podFixtures.ts'
import { contextOf, derived } from './cases.ts'

if (isUpdating) for (const [name, pod] of Object.entries(derived)) writePodFixture(name, pod())

describe('pod fixtures', () => {
  it.each(podFixtures())('%s', (name) => {
    const result = resultOf(name, contextOf(name))
    expect(result).toEqual(expectedOf(name, result))
  })

  it('come again with a second pass over what it made of them', () => {
    for (const name of podFixtures()) {
      const outcome = admit(podFixture(name), contextOf(name))
      if (outcome.kind !== 'inject') continue
      const after = applied(podFixture(name), outcome.patch)
      expect([name, admit(after, contextOf(name))]).toMatchObject([name, { patch: [] }])
      expect([name, admit(defaulted(after), contextOf(name))]).toMatchObject([name, { patch: [] }])
    }
  })

  it('leave every path of a patch in its own place', () => {
    const place =
      /^\/(metadata\/annotations\/lanyard\.dev~1status|spec\/(volumes|resources|initContainers)|spec\/(initC|c)ontainers\/\d+\/(env|volumeMounts))(\/\d+)?$/
    for (const name of podFixtures()) {
      const outcome = admit(podFixture(name), contextOf(name))
      if (outcome.kind === 'inject')
        for (const { path } of outcome.patch) expect([name, path]).toEqual([name, expect.stringMatching(place)])
    }
  })

  it.each(Object.entries(derived))('%s is still what it follows from', (name, pod) => {
    expect(podFixture(name)).toEqual(JSON.parse(JSON.stringify(pod())))
  })
})
