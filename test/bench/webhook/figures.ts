import type { FigureRow } from '../figures.ts'

type Goal = NonNullable<FigureRow['goal']>
type Goals = {
  readonly requests: Goal
  readonly cpu: Goal
  /** Reviews/s, CPU and p99. */
  readonly peers: readonly [string, string, string]
  /** Why the CPU misses its goal. */
  readonly gap?: string
}

/** What is asked of the rate and of p99 hangs on the CPU, on one processor. */
const FOLLOWS = 'it follows from the CPU per review'

/** Over the empty server that parses. Of one connection nothing is asked: there it is waiting that is measured. */
function onConnections(size: string, connections: 1 | 16, goals?: Goals) {
  const row = (
    what: string,
    of: NonNullable<FigureRow['of']>,
    { goal, peers, gap }: { goal?: Goal | undefined; peers?: string | undefined; gap?: string | undefined } = {},
  ): FigureRow => ({
    about: `${what}, pods of ${size}, ${told(connections)}`,
    unit: '×',
    of,
    ...(goal && { goal }),
    ...(peers !== undefined && { peers }),
    ...(gap !== undefined && { gap }),
  })
  const [rate, share, late] = goals?.peers ?? []
  return {
    requests: row('reviews/s', '1/s', { goal: goals?.requests, peers: rate, gap: FOLLOWS }),
    cpu: row('CPU per review', 'µs', { goal: goals?.cpu, peers: share, gap: goals?.gap }),
    p50: row('p50', 'ms'),
    p99: row('p99', 'ms', { goal: goals && { most: 1.6 }, peers: late, gap: FOLLOWS }),
  }
}
const told = (connections: 1 | 16): string => (connections === 1 ? '1 connection' : '16 connections')

const small = onConnections('4 kB', 16, {
  requests: { least: 0.6 },
  cpu: { most: 1.7 },
  peers: ['0.29', '3.4', '4.6'],
  gap: "of 347 µs the decision and its patch take 165, the answer of 5.4 kB in base64 64, the log line and the metrics 15, TLS and HTTP 118, where the parser's whole review takes 59: with the first two for nothing the ratio is still 1.95. To keep whole decisions would bring it there; one that is kept for the wrong pod would give it another's role",
})
const middle = onConnections('100 kB', 16, {
  requests: { least: 0.7 },
  cpu: { most: 1.3 },
  peers: ['0.10', '9.4', '16'],
  gap: 'as for pods of 4 kB; every container and variable is looked at besides, and memory is collected more often',
})
const large = onConnections('1 MB', 16, { requests: { least: 0.7 }, cpu: { most: 1.3 }, peers: ['0.11', '9.1', '7.1'] })
const [smallAlone, middleAlone, largeAlone] = [
  onConnections('4 kB', 1),
  onConnections('100 kB', 1),
  onConnections('1 MB', 1),
]

const reviews = {
  'webhook.requests.4kB.1': smallAlone.requests,
  'webhook.requests.4kB.16': small.requests,
  'webhook.requests.100kB.1': middleAlone.requests,
  'webhook.requests.100kB.16': middle.requests,
  'webhook.requests.1MB.1': largeAlone.requests,
  'webhook.requests.1MB.16': large.requests,
  'webhook.cpu.4kB.1': smallAlone.cpu,
  'webhook.cpu.4kB.16': small.cpu,
  'webhook.cpu.100kB.1': middleAlone.cpu,
  'webhook.cpu.100kB.16': middle.cpu,
  'webhook.cpu.1MB.1': largeAlone.cpu,
  'webhook.cpu.1MB.16': large.cpu,
  'webhook.p50.4kB.1': smallAlone.p50,
  'webhook.p50.4kB.16': small.p50,
  'webhook.p50.100kB.1': middleAlone.p50,
  'webhook.p50.100kB.16': middle.p50,
  'webhook.p50.1MB.1': largeAlone.p50,
  'webhook.p50.1MB.16': large.p50,
  'webhook.p99.4kB.1': smallAlone.p99,
  'webhook.p99.4kB.16': small.p99,
  'webhook.p99.100kB.1': middleAlone.p99,
  'webhook.p99.100kB.16': middle.p99,
  'webhook.p99.1MB.1': largeAlone.p99,
  'webhook.p99.1MB.16': large.p99,
  'webhook.cpu.sameBytes': {
    about: 'CPU per review, pods of 4 kB, 16 connections, over a server that parses and answers as many bytes',
    unit: '×',
    of: 'µs',
  },
  'webhook.cpu.asked': {
    about: 'CPU per review, pods of 4 kB, 16 connections, ServiceAccount and namespace asked of the API server',
    unit: '×',
    of: 'µs',
  },
} as const satisfies Record<string, FigureRow>

const sources = {
  'webhook.ready.10': { about: 'start to ready, 10 ServiceAccounts', unit: 's' },
  'webhook.ready.50000': {
    about: 'start to ready, 50,000 ServiceAccounts',
    unit: 's',
    goal: { most: 1.5 },
    peers: '1.46',
  },
  'webhook.early': {
    about: 'connections taken before it was ready',
    unit: '',
    goal: { most: 0 },
    fixed: true,
  },
  'webhook.dirty.10': { about: 'private memory, 10 ServiceAccounts', unit: 'MiB' },
  'webhook.dirty.50000': { about: 'private memory, 50,000 ServiceAccounts (500 annotated)', unit: 'MiB' },
  'webhook.dirty.added': {
    about: 'what 50,000 ServiceAccounts add to 10',
    unit: 'MiB',
    goal: { most: 8 },
    peers: '61 to 75',
  },
  'webhook.idle.10': { about: 'idle CPU, 10 ServiceAccounts', unit: 'ms/s' },
  'webhook.idle.50000': {
    about: 'idle CPU, 50,000 ServiceAccounts',
    unit: 'ms/s',
    goal: { most: 0.1 },
    peers: '2.4',
    gap: 'it wakes for the bounds of connections (each 5 s, on two ports) and for its certificate (each 10 s)',
  },
  'webhook.idle.empty': { about: 'idle CPU of the empty server that parses', unit: 'ms/s' },
} as const satisfies Record<string, FigureRow>

const crowds = {
  'webhook.dirty.large': {
    about: 'private memory after 150 × 1 MB on 16 connections',
    unit: 'MiB',
    goal: { most: 90 },
    peers: '55',
  },
  'webhook.dirty.large.idle': { about: 'the same, 10 s later', unit: 'MiB' },
  'webhook.dirty.large.empty': { about: 'the same of the empty server that parses, at once', unit: 'MiB' },
  'webhook.burst': {
    about: '1,000 reviews of 4 kB on 1,000 new connections at once, until all are answered',
    unit: '×',
    of: 'ms',
  },
  'webhook.dirty.burst': { about: 'private memory after that', unit: 'MiB' },
} as const satisfies Record<string, FigureRow>

/** The webhook's rows of the table. */
export const WEBHOOK_FIGURES = { ...reviews, ...sources, ...crowds } as const
