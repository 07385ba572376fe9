import type { Bench } from './bench.ts'
import { BENCH as growth } from './growth.ts'
import { BENCH as herd } from './herd.ts'
import { BENCH as image } from './image.ts'
import { BENCH as levers } from './levers.ts'
import { BENCH as pod } from './podStart.ts'
import { BENCH as sidecar } from './sidecar.ts'
import { BENCH as webhook } from './webhook.ts'

/** In the order in which they run. */
export const benches: readonly Bench[] = [sidecar, growth, webhook, herd, levers, pod, image]
