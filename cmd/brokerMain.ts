/** What a pod runs: nothing but the broker, so that its bundle holds nothing else. */
import { run } from './broker.ts'

// Without top-level await, which CommonJS has not; whatever goes wrong, `run` itself tells and ends the process.
void run()
