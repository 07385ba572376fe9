/**
 * The sidecar of the demo: the product's own, with a clock that the demo can set ahead, since nobody waits half an hour
 * for a renewal.
 */
import { demoClock } from './demoClock.ts'
import { plainExchanges } from './sidecar/plainExchanges.ts'
import { run } from './sidecar.ts'

// Without top-level await, as the bundles have it.
void run(plainExchanges, demoClock())
