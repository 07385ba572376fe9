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

export const recorded: readonly Recorded[] = []

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
    why: 'their sampler of the event loop takes 8.5 ms/s of processor time, a hundred times what the whole sidecar takes',
  },
  { name: '`fetch`', why: '7 MiB more private memory and 43 ms on the way to the first credentials' },
]
