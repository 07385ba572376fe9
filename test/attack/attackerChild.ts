/** The attacker: a process of its own, so that nobody else waits while it is at work. One order at a time. */
import { getPriority, setPriority } from 'node:os'
import process from 'node:process'
import { ask, type Seen, type Target } from './attack.ts'
import { mint } from './families/forgeries.ts'
import { attacks } from './families/index.ts'
import { hammer } from './wire.ts'

export type Order =
  | { readonly kind: 'attack'; readonly name: string; readonly target: Target }
  /** As many ordinary requests. */
  | { readonly kind: 'warm'; readonly target: Target; readonly total: number }
  /** A session token of IMDS. */
  | { readonly kind: 'mint'; readonly port: number }

// The attacker has what the others leave of the processor: it is the endpoint that is measured, not the scheduler.
setPriority(getPriority() + 5)

process.on('message', (order: Order) => {
  carryOut(order).then(
    (seen) => process.send?.(seen),
    (error: unknown) => process.send?.({ seen: `the attacker failed: ${error}` } satisfies Seen),
  )
})
process.on('disconnect', () => process.exit())

async function carryOut(order: Order): Promise<Seen> {
  if (order.kind === 'mint') return { seen: await mint(order, 21_600) }
  const { target } = order
  if (order.kind === 'warm') {
    const request = (): string => ask(target)
    return { seen: String((await hammer(target.port, { connections: 8, total: order.total, request })).length) }
  }
  const attack = attacks.find(({ name, only = target.protocol }) => name === order.name && only === target.protocol)
  return attack === undefined ? { seen: 'there is no such attack' } : await attack.act(target)
}
