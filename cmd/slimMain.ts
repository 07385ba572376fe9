/** What a pod of the slim image runs whose identity is its service account: that sidecar without the AWS SDK. */
import { slimExchanges } from './sidecar/slimExchanges.ts'
import { run } from './sidecar.ts'

// Without top-level await, which CommonJS has not; whatever goes wrong, `run` itself tells and ends the process.
void run(slimExchanges)
