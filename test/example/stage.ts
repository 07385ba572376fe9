import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launch, openPerson } from './browser.ts'
import { openWorld, type World } from './world.ts'

/** A world of its own for a file of tests, and browsers of as many people as are asked for. */
export type Stage = {
  readonly world: () => World
  /** The first page of somebody who has not been here. */
  readonly person: () => Promise<Page>
}

export function setStage(): Stage {
  const ends: (() => unknown)[] = []
  let [world, browser]: [World?, Browser?] = []
  beforeAll(async () => {
    world = await openWorld((end) => void ends.unshift(end))
    browser = await launch()
    ends.unshift(() => browser?.close())
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })
  const there = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the stage is not set yet')
    return part
  }
  return {
    world: () => there(world),
    person: async () => {
      const { context, page } = await openPerson(there(browser))
      ends.unshift(() => context.close())
      return page
    },
  }
}
