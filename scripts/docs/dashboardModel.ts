/** A query of a panel; the legend names labels as `{{label}}`. */
export type Target = { readonly expr: string; readonly legend?: string; readonly instant?: true }
export type PanelKind = 'stat' | 'timeseries' | 'table'
export type Panel = {
  readonly title: string
  readonly kind: PanelKind
  /** A unit of Grafana: short, s, reqps, percentunit. */
  readonly unit: string
  /** Of the 24 columns. */
  readonly width: number
  readonly about?: string
  readonly targets: readonly Target[]
  /** Values from which the panel is orange and red; `falling` where small values are the bad ones. */
  readonly limits?: { readonly orange: number; readonly red: number; readonly falling?: true }
}
export type Row = { readonly title: string; readonly panels: readonly Panel[] }

type Json = Readonly<Record<string, unknown>>
type Place = { readonly id: number; readonly x: number; readonly y: number }

const COLUMNS = 24
const heights: Readonly<Record<PanelKind, number>> = { stat: 4, timeseries: 8, table: 8 }
/** Whichever the reader has chosen. */
export const datasource = { type: 'prometheus', uid: '$datasource' }

/** The rows of the dashboard as Grafana wants its panels: from left to right, and on the next line where they do not fit. */
export function layPanels(rows: readonly Row[]): readonly Json[] {
  const laid: Json[] = []
  let y = 0
  for (const { title, panels } of rows) {
    laid.push({ id: laid.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: box(COLUMNS, 1, 0, y) })
    y += 1
    let [x, lowest] = [0, y]
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) [x, y] = [0, lowest]
      laid.push(panelOf(panel, { id: laid.length + 1, x, y }))
      x += panel.width
      lowest = Math.max(lowest, y + heights[panel.kind])
    }
    y = lowest
  }
  return laid
}

const box = (w: number, h: number, x: number, y: number): Json => ({ h, w, x, y })

function panelOf(panel: Panel, { id, x, y }: Place): Json {
  const { title, kind, unit, width, about, targets } = panel
  return {
    id,
    type: kind,
    title,
    ...(about !== undefined && { description: about }),
    datasource,
    gridPos: box(width, heights[kind], x, y),
    fieldConfig: { defaults: { unit, min: kind === 'timeseries' ? 0 : null, ...thresholdsOf(panel) }, overrides: [] },
    options: optionsOf[kind],
    ...(kind === 'table' && { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] }),
    targets: targets.map((target, index) => targetOf(target, index, kind)),
  }
}

function targetOf({ expr, legend, instant }: Target, index: number, kind: PanelKind): Json {
  const now = instant === true || kind !== 'timeseries'
  return {
    refId: String.fromCharCode(65 + index),
    datasource,
    editorMode: 'code',
    expr,
    instant: now,
    range: !now,
    format: kind === 'table' ? 'table' : 'time_series',
    legendFormat: legend ?? '__auto',
  }
}

function thresholdsOf({ limits, kind }: Panel): Json {
  if (limits === undefined) return { color: { mode: kind === 'stat' ? 'fixed' : 'palette-classic' } }
  const { orange, red, falling } = limits
  const steps =
    falling === true
      ? [
          { color: 'red', value: null },
          { color: 'orange', value: red },
          { color: 'green', value: orange },
        ]
      : [
          { color: 'green', value: null },
          { color: 'orange', value: orange },
          { color: 'red', value: red },
        ]
  return {
    color: { mode: kind === 'stat' ? 'thresholds' : 'palette-classic' },
    thresholds: { mode: 'absolute', steps },
  }
}

const optionsOf: Readonly<Record<PanelKind, Json>> = {
  stat: {
    colorMode: 'value',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true },
}
