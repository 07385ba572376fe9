/** What a pod runs: nothing but the sidecar, so that its bundle holds nothing else. */
import { run } from './sidecar.ts'

// Without top-level await, which CommonJS has not; whatever goes wrong, `run` itself tells and ends the process.
void run()
