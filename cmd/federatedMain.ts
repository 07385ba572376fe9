/** What a pod runs that has another identity provider, or roles behind the first. */
import { allExchanges } from './sidecar/allExchanges.ts'
import { run } from './sidecar.ts'

// Without top-level await, which CommonJS has not; whatever goes wrong, `run` itself tells and ends the process.
void run(allExchanges)
