/**
 * Levers that no switch takes away again, as they were measured when they were pulled: with what ran before and what ran
 * after side by side.
 */
export type Recorded = {
  readonly name: string
  readonly what: string
  readonly before: string
  readonly after: string
}

const endpoint: readonly Recorded[] = [
  {
    name: "the endpoint reads HTTP itself over `node:net`, the machine's uptime is read ten times a second, a reply is made once",
    what: 'CPU per request over empty node:http, 16 connections',
    before: '3.2 ×',
    after: '1.6 ×',
  },
  {
    name: '16 requests are looked at in a round of the event loop, not 2; tokens are compared without a digest',
    what: 'the same',
    before: '1.6 ×',
    after: '1.1 ×',
  },
  {
    name: 'a session looks at its clock once a moment, heads are read in one pass, requests are counted plainly',
    what: 'the same',
    before: '1.1 ×',
    after: '0.99 ×',
  },
  {
    name: 'connections are looked at now and then only, where all of them rest',
    what: 'idle CPU, with a connection kept alive',
    before: '0.066 ms/s',
    after: '0.017 ms/s',
  },
  {
    name: 'the wait program of the start gate is written over `node:net`',
    what: 'its CPU at the start of each pod (an empty Node: 28.8 ms)',
    before: '46.5 ms',
    after: '37.9 ms',
  },
]

/** Before and after of one seed each; the numbers in brackets are sidecars. */
const herd: readonly Recorded[] = [
  {
    name: 'the first renewal is spread as that of a session which one finds at any time, not evenly over the cycle',
    what: 'busiest minute over mean, within the first cycle / after it (100,000)',
    before: '1.44 / 1.18',
    after: '1.05 / 1.07',
  },
  {
    name: 'a renewal is counted from when the last one was due, so that a session keeps its place',
    what: 'busiest minute from half an hour after an outage on (100,000)',
    before: '1.81',
    after: '1.11',
  },
  {
    name: 'four quick tries, then patience by what is left to serve',
    what: 'busiest minute after 20 minutes without STS (100,000)',
    before: '16.3',
    after: '3.8',
  },
  {
    name: 'in the last 8 minutes a try each eighth of what is left',
    what: 'expired where STS comes back with 1.5 times its usual rate',
    before: '1,710 of 10,000',
    after: '0 of 20,000',
  },
]

const webhook: readonly Recorded[] = [
  {
    name: 'a review as API servers send it is read before express, into one buffer',
    what: "the webhook's private memory after 150 × 1 MB",
    before: '130 MiB',
    after: '74 MiB',
  },
  {
    name: 'the decision looks at each variable and each annotation once, and names a path only for what is wrong',
    what: 'its CPU per review over node-parse, 4 kB / 100 kB / 1 MB',
    before: '10 / 5.1 / 4.6 ×',
    after: '6.7 / 2.7 / 1.6 ×',
  },
  {
    name: '`--max-semi-space-size=8` in place of 4, at the webhook',
    what: 'the same',
    before: '6.7 / 2.7 / 1.6 ×',
    after: '5.1 / 2.3 / 1.4 ×',
  },
  {
    name: 'its certificate is judged anew only when the bytes change, bounds of time are looked at each 5 s',
    what: 'its idle CPU with 50,000 ServiceAccounts',
    before: '0.45 ms/s',
    after: '0.14 ms/s',
  },
]

export const recorded: readonly Recorded[] = [...endpoint, ...webhook, ...herd]

/** What was tried and is not in the product, and what it would have cost or brought. */
export type Dropped = { readonly name: string; readonly why: string }

export const droppedBefore: readonly Dropped[] = [
  { name: '`--max-old-space-size`', why: 'changes nothing: the sidecar never comes near to any limit' },
  { name: 'jemalloc, mimalloc', why: 'no less private memory than with the allocator of the C library' },
  { name: 'a single executable, instead of Node and a bundle', why: 'the same memory, a larger image' },
  { name: "a snapshot of the program's heap", why: '7 MiB more private memory, since its pages are written to' },
  { name: 'a worker thread for the AWS SDK that ends when it is not needed', why: '6.5 MiB more private memory' },
  {
    name: '`--jitless`, and other flags that change what V8 compiles',
    why: "Node's own code cache is thrown away: 12 to 40 ms",
  },
  {
    name: "prom-client's default metrics",
    why: 'their sampler of the event loop takes 8.5 ms/s of processor time, some hundred times what the whole sidecar takes',
  },
  {
    name: '`NODE_COMPILE_CACHE`, made in the image',
    why: '0.35 MiB more private memory, no less time than noise has, and other bytes in every build',
  },
  {
    name: '`--single-threaded-gc`, `--v8-pool-size=0`, `MALLOC_ARENA_MAX=1`, `MALLOC_TRIM_THRESHOLD_`',
    why: 'nothing beside `--v8-pool-size=1`',
  },
  {
    name: 'Bun 1.4 in place of Node, with the same code and no AWS SDK',
    why: '8 to 10 MiB at first credentials; but with its whole compiler it has more than Node after 20,000 requests (14.3 MiB), and without it 400 clients that come and go starve',
  },
  { name: '`fetch`', why: '7 MiB more private memory and 43 ms on the way to the first credentials' },
]
