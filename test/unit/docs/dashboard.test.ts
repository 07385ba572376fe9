import { describe, expect, test } from 'vitest'
import { usesOf } from '../../../scripts/alerts/promql.ts'
import { dashboardPage } from '../../../scripts/docs/dashboard.ts'

type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
type Target = {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
  readonly datasource: unknown
}
type Panel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Box
  readonly datasource?: unknown
  readonly targets?: readonly Target[]
}
type Dashboard = {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
}

const { panels, templating }: Dashboard = JSON.parse(dashboardPage())
const drawn = panels.filter(({ type }) => type !== 'row')
const targets = drawn.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))

describe('the dashboard', () => {
  test('places every panel beside the others, within its 24 columns', () => {
    const taken = new Map<string, string>()
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos
      expect(x + w, title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect(taken.get(`${column} ${line}`), title).toBeUndefined()
          taken.set(`${column} ${line}`, title)
        }
    }
  })

  test('has ids and titles of one panel each, and letters of one query each', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    for (const { targets: own = [] } of drawn) expect(new Set(own.map(({ refId }) => refId)).size).toBe(own.length)
  })

  test('asks whichever Prometheus the reader has chosen', () => {
    const chosen = { type: 'prometheus', uid: '$datasource' }
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['namespace', 'query'],
    ])
    expect(drawn.map(({ datasource }) => datasource)).toEqual(drawn.map(() => chosen))
    expect(targets.map(({ datasource }) => datasource)).toEqual(targets.map(() => chosen))
  })

  test('shows the sidecars of the chosen namespaces only', () => {
    const unfiltered = targets
      .filter(({ expr }) => /namespace\w*:lanyard|lanyard_credentials/.test(expr))
      .flatMap(({ title, expr }) => usesOf(expr).selectors.map((selector) => ({ title, ...selector })))
      .filter(({ matchers }) => !matchers.some(({ value }) => value === '$namespace'))
    expect(unfiltered).toEqual([])
  })

  test('names its lines by labels that they have', () => {
    for (const { title, expr, legendFormat } of targets)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(usesOf(expr).grouping, title).toContain(label)
  })
})
