import type { Milliseconds } from '../../../src/credentials/index.ts'

/** What the start gate gives the credentials, before kubelet kills the sidecar and starts it again. */
export const GATE: Milliseconds = 28_000
/** From the start of the container to the sidecar's first attempt. */
export const BOOT: Milliseconds = 150

const FIRST = 10_000
const CAP = 300_000

/**
 * How long kubelet waits before that restart (from 1) of a container whose gate failed: not at all at first, then 10 s,
 * doubled up to 5 min (Kubernetes, Pod Lifecycle: How Pods handle problems with containers). It has no jitter of its own,
 * but looks at a pod that backs off only every 10 to 15 s: `slack` is what that adds.
 */
export const restartAfter = (restart: number, slack: Milliseconds): Milliseconds =>
  (restart === 1 ? 0 : Math.min(CAP, FIRST * 2 ** (restart - 2))) + slack
