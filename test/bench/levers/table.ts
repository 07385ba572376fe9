import type { BuildOptions } from 'esbuild'
import type { FigureRow } from '../figures.ts'

/** What a lever can move. Not wall time: that tells more of the machine than of so small a step. */
export const effects = {
  'dirty.first': { about: 'private memory at first credentials', unit: 'MiB' },
  'dirty.1000': { about: 'private memory after 1,000 requests', unit: 'MiB' },
  startCpu: { about: 'CPU until first credentials', unit: 'ms' },
  requestCpu: { about: 'CPU per request, the first 1,000', unit: 'µs' },
  threads: { about: 'threads', unit: '' },
  bundle: { about: 'the bundle', unit: 'kB' },
} as const satisfies Record<string, Pick<FigureRow, 'about'> & { readonly unit: string }>
export type Effect = keyof typeof effects

/** Changes the sidecar as the image has it: it takes the lever away, or adds one that is not in it. */
export type Change = {
  readonly flags?: (flags: readonly string[]) => readonly string[]
  /** Of the process; absent ones are taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Another bundle. */
  readonly build?: (options: BuildOptions) => BuildOptions
}

export type LeverRow = {
  readonly name: string
  readonly change: Change
  /** What is shown of it; all is measured. */
  readonly shows: readonly Effect[]
  /** It is not in the product, and this is why. */
  readonly dropped?: string
}

const withoutFlag =
  (start: string) =>
  (flags: readonly string[]): readonly string[] =>
    flags.filter((flag) => !flag.startsWith(start))

const withFlags =
  (...more: readonly string[]) =>
  (flags: readonly string[]): readonly string[] => [...flags, ...more]

/** Packages that are CommonJS themselves ask for `require`. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
const asModule = ({ supported: _supported, ...options }: BuildOptions): BuildOptions => ({
  ...options,
  format: 'esm',
  banner: { js: `${REQUIRE}${options.banner?.['js'] ?? ''}` },
})

const kept: readonly LeverRow[] = [
  {
    name: '`--no-concurrent-recompilation`: no compiler thread with an arena of its own',
    change: { flags: withoutFlag('--no-concurrent-recompilation') },
    shows: ['dirty.first', 'dirty.1000', 'threads'],
  },
  {
    name: '`--max-semi-space-size=1`: less young garbage is kept',
    change: { flags: withoutFlag('--max-semi-space-size') },
    shows: ['dirty.first', 'dirty.1000'],
  },
  {
    name: '`--v8-pool-size=1`: one thread for the garbage in place of four',
    change: { flags: withoutFlag('--v8-pool-size') },
    shows: ['dirty.first', 'dirty.1000', 'threads'],
  },
  {
    name: '`--use-openssl-ca`: public authorities are read from files, one by one, as they are needed',
    change: { flags: withoutFlag('--use-openssl-ca') },
    shows: ['dirty.first', 'startCpu'],
  },
  {
    name: '`--disable-sigusr1`: no thread that waits for a debugger (and no debugger on loopback)',
    change: { flags: withoutFlag('--disable-sigusr1') },
    shows: ['threads', 'dirty.first'],
  },
  {
    name: '`MALLOC_MMAP_THRESHOLD_=16384`: buffers go back to the system',
    change: { env: { MALLOC_MMAP_THRESHOLD_: undefined } },
    shows: ['dirty.first', 'dirty.1000'],
  },
  {
    name: 'two threads for files and names in place of four',
    change: { env: { UV_THREADPOOL_SIZE: '4' } },
    shows: ['threads', 'dirty.first'],
  },
  {
    name: 'a clock in place of the global `performance`, for which Node loads all that measures it',
    change: { build: ({ define: _define, banner: _banner, ...options }) => options },
    shows: ['dirty.first', 'startCpu'],
  },
  {
    name: 'modules and texts that are never called left out',
    change: { build: (options) => ({ ...options, plugins: [] }) },
    shows: ['bundle', 'startCpu', 'dirty.first'],
  },
  {
    name: 'a minified bundle',
    change: { build: (options) => ({ ...options, minify: false }) },
    shows: ['bundle', 'startCpu', 'dirty.first'],
  },
  {
    name: 'CommonJS, and no dynamic `import()`',
    change: { build: asModule },
    shows: ['bundle', 'startCpu', 'dirty.first'],
  },
]

const dropped: readonly LeverRow[] = [
  {
    name: '`--single-threaded-gc`',
    change: { flags: withFlags('--single-threaded-gc') },
    shows: ['dirty.first', 'dirty.1000', 'startCpu', 'threads'],
    dropped: 'too little',
  },
  {
    name: '`--lite-mode`',
    change: { flags: withFlags('--lite-mode') },
    shows: ['dirty.first', 'startCpu', 'requestCpu'],
    dropped: 'requests cost more, and it saves nothing here',
  },
  {
    name: '`MALLOC_ARENA_MAX=1`',
    change: { env: { MALLOC_ARENA_MAX: '1' } },
    shows: ['dirty.first', 'dirty.1000'],
    dropped: 'too little',
  },
]

export const leverRows: readonly LeverRow[] = [...kept, ...dropped]
