/** What a pod runs: nothing but the sidecar, so that its bundle holds nothing else. */
import { run } from './sidecar.ts'

await run()
