/** What a pod runs whose identity is its service account: nothing but that, so that its bundle holds nothing else. */
import { plainExchanges } from './sidecar/plainExchanges.ts'
import { run } from './sidecar.ts'

// Without top-level await, which CommonJS has not; whatever goes wrong, `run` itself tells and ends the process.
void run(plainExchanges)
