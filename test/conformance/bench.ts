import { createSlots } from '../../src/kubernetes/sources/slots.ts'
import { tryProtocol } from './attempt.ts'
import { type Client, Missing } from './client.ts'
import type { Options } from './options.ts'
import { placeOf } from './place.ts'
import type { ClientResult, Report } from './report.ts'
import type { World } from './world.ts'

/** What all tries share. */
export type Bench = {
  readonly world: World
  readonly options: Options
  say(line: string): void
  readonly building: ReturnType<typeof createSlots>
  readonly trying: ReturnType<typeof createSlots>
}

type Missed = Report['missing'][number]

/** Tries clients, several at once: most of the time they wait. */
export async function tryAll(
  world: World,
  options: Options,
  say: (line: string) => void,
): Promise<Pick<Report, 'clients' | 'missing'>> {
  const bench: Bench = { world, options, say, building: createSlots(2), trying: createSlots(4) }
  const results = await Promise.all(options.clients.map((client) => tryClient(bench, client)))
  return {
    clients: results.filter((result) => 'protocols' in result),
    missing: results.filter((result) => 'why' in result),
  }
}

async function tryClient(bench: Bench, client: Client): Promise<ClientResult | Missed> {
  const { building, options, say } = bench
  const { name, title, note } = client
  try {
    const prepared = await building(() => client.prepare(placeOf(name)))
    say(`${name} ${prepared.version} is ready`)
    const spoken = client.protocols.filter((protocol) => options.protocols.includes(protocol))
    const tries = spoken.map(
      async (protocol) => [protocol, await tryProtocol(bench, client, { prepared, protocol })] as const,
    )
    const protocols = Object.fromEntries(await Promise.all(tries))
    return { client: name, title, version: prepared.version, ...(note !== undefined && { note }), protocols }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    say(`${name} is not tried: ${why}`)
    return { client: name, why, broken: !(error instanceof Missing) }
  }
}
