/** The slim image's sidecar with a clock that can be set ahead, for tests of it. */
import { demoClock } from './demoClock.ts'
import { slimExchanges } from './sidecar/slimExchanges.ts'
import { run } from './sidecar.ts'

// Without top-level await, as the bundles have it.
void run(slimExchanges, demoClock())
