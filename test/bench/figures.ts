/** Every figure once: what it is, its unit, its goal, what the field's peers have. */
import { herdFigures } from './herd/figures.ts'
import { POD_FIGURES } from './podStart/figures.ts'
import { WEBHOOK_FIGURES } from './webhook/figures.ts'

export type FigureRow = {
  readonly about: string
  /** Of the figure: `×` is a ratio over a baseline that ran beside it. */
  readonly unit: '×' | 'MiB' | 'ms' | 's' | 'ms/s' | 'kB' | 'MB' | '1/s' | ''
  /** Of what a ratio is made of, and of ours and the baseline where they are shown beside each other. */
  readonly of?: 'ms' | 'µs' | '1/s' | 'MiB' | ''
  readonly goal?: { readonly most: number } | { readonly least: number }
  /** What programs of Go in this place have, measured the same way. */
  readonly peers?: string
  /** A size or a count of the artefact: the same on every machine, so that a miss fails. */
  readonly fixed?: true
  /** Where the goal is missed: why, by a measurement, and what was tried. */
  readonly gap?: string
}

const memory = {
  'sidecar.dirty.first': {
    about: 'private memory at first credentials',
    unit: 'MiB',
    of: 'MiB',
    goal: { most: 15 },
    peers: '3.9 to 6.0',
  },
  'sidecar.dirty.1000': {
    about: 'private memory after 1,000 requests',
    unit: 'MiB',
    of: 'MiB',
    goal: { most: 13.5 },
    peers: '5.5 to 6.5',
  },
  'sidecar.dirty.20000': {
    about: 'private memory after 20,000 requests',
    unit: 'MiB',
    of: 'MiB',
    goal: { most: 14 },
    peers: '7.0',
  },
  'sidecar.dirty.idle': { about: 'private memory, never busy, a minute later', unit: 'MiB' },
  'sidecar.dirty.hour': { about: 'private memory after an hour of renewals', unit: 'MiB' },
  'sidecar.rss.first': { about: 'resident memory at first credentials', unit: 'MiB', of: 'MiB' },
  'sidecar.rss.1000': { about: 'resident memory after 1,000 requests', unit: 'MiB', of: 'MiB' },
  'sidecar.rss.20000': { about: 'resident memory after 20,000 requests', unit: 'MiB', of: 'MiB' },
} as const satisfies Record<string, FigureRow>

const time = {
  'sidecar.start': {
    about: 'exec to first credentials',
    unit: '×',
    of: 'ms',
    goal: { most: 2.3 },
    peers: '0.20 to 0.33',
    gap: 'half of what is left after Node itself is the AWS SDK (loading it, making its client, reading the answer): the slim image leaves it out. A code cache of the bundle would save 5 ms of 107, and was left out for its 0.2 MiB',
  },
  'sidecar.startCpu': {
    about: 'CPU until then',
    unit: '×',
    of: 'ms',
  },
  'sidecar.idle': {
    about: 'idle CPU, with a connection kept alive',
    unit: 'ms/s',
    goal: { most: 0.05 },
    peers: '0.015 to 0.038',
  },
  'sidecar.idle.alone': { about: 'idle CPU, without a connection', unit: 'ms/s', goal: { most: 0.05 } },
  'sidecar.idle.empty': { about: 'idle CPU of empty node:http, the same', unit: 'ms/s' },
} as const satisfies Record<string, FigureRow>

const load = {
  'sidecar.requests.1': {
    about: 'requests/s, 1 connection',
    unit: '×',
    of: '1/s',
    goal: { least: 0.95 },
    peers: '0.99',
  },
  'sidecar.requests.16': {
    about: 'requests/s, 16 connections',
    unit: '×',
    of: '1/s',
    goal: { least: 0.9 },
    peers: '0.94',
  },
  'sidecar.requests.256': { about: 'requests/s, 256 connections', unit: '×', of: '1/s' },
  'sidecar.cpu.1': { about: 'CPU per request, 1 connection', unit: '×', of: 'µs' },
  'sidecar.cpu.16': { about: 'CPU per request, 16 connections', unit: '×', of: 'µs' },
  'sidecar.cpu.256': { about: 'CPU per request, 256 connections', unit: '×', of: 'µs' },
  'sidecar.p50.1': { about: 'p50, 1 connection', unit: '×', of: 'ms' },
  'sidecar.p50.16': { about: 'p50, 16 connections', unit: '×', of: 'ms' },
  'sidecar.p50.256': { about: 'p50, 256 connections', unit: '×', of: 'ms' },
  'sidecar.p99.1': { about: 'p99, 1 connection', unit: '×', of: 'ms' },
  'sidecar.p99.16': {
    about: 'p99, 16 connections',
    unit: '×',
    of: 'ms',
    goal: { most: 1.2 },
    peers: '1.4',
  },
  'sidecar.p99.256': { about: 'p99, 256 connections', unit: '×', of: 'ms' },
  'sidecar.p999.1': { about: 'p99.9, 1 connection', unit: '×', of: 'ms' },
  'sidecar.p999.16': { about: 'p99.9, 16 connections', unit: '×', of: 'ms' },
  'sidecar.p999.256': { about: 'p99.9, 256 connections', unit: '×', of: 'ms' },
} as const satisfies Record<string, FigureRow>

const artefact = {
  'sidecar.threads': { about: 'threads', unit: '', of: '', goal: { most: 5 }, fixed: true },
  'sidecar.bundle': { about: 'the bundle', unit: 'kB', goal: { most: 230 }, fixed: true },
  'image.size': { about: 'what the image adds to its base, unpacked', unit: 'MB', goal: { most: 30 }, fixed: true },
} as const satisfies Record<string, FigureRow>

/** The sidecar of the slim image, measured beside the other and the same servers. */
const slim = {
  'sidecar.slim.dirty.first': { about: 'slim: private memory at first credentials', unit: 'MiB', of: 'MiB' },
  'sidecar.slim.dirty.1000': { about: 'slim: private memory after 1,000 requests', unit: 'MiB', of: 'MiB' },
  'sidecar.slim.dirty.20000': { about: 'slim: private memory after 20,000 requests', unit: 'MiB', of: 'MiB' },
  'sidecar.slim.start': { about: 'slim: exec to first credentials', unit: '×', of: 'ms' },
  'sidecar.slim.startCpu': { about: 'slim: CPU until then', unit: '×', of: 'ms' },
  'sidecar.slim.bundle': { about: 'slim: the bundle', unit: 'kB' },
} as const satisfies Record<string, FigureRow>

const figures = {
  ...memory,
  ...time,
  ...load,
  ...artefact,
  ...slim,
  ...WEBHOOK_FIGURES,
  ...herdFigures,
  ...POD_FIGURES,
} as const
export type FigureId = keyof typeof figures

const rows: Readonly<Record<string, FigureRow>> = figures
export const figureIds = Object.keys(figures) as readonly FigureId[]
/** Throws where the table has no such figure: a result that was kept is older than the table. */
export function figureOf(id: string): FigureRow {
  const row = rows[id]
  if (row === undefined) throw new Error(`there is no figure ${id}`)
  return row
}
