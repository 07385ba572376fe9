import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AtEnd } from '../../support/processes.ts'
import type { Loader } from '../support/load.ts'
import { type Serving, type StartOptions, startEmpty, startSidecar } from '../support/sidecar.ts'
import type { BenchWorld } from '../support/world.ts'

/** What the parts of the sidecar's bench work with. */
export type Place = {
  readonly folder: string
  readonly short: boolean
  readonly world: BenchWorld
  readonly load: Loader
  readonly atEnd: AtEnd
}

/** How many servers of a kind: each is a reading. */
export const fleetSize = ({ short }: { readonly short: boolean }): number => (short ? 3 : 5)

export type StartedSidecar = Serving & {
  /** What it answers. */
  readonly body: string
  /** Resolves when every role has credentials. */
  readonly opened: () => Promise<unknown>
}

export async function startOurs(
  { folder, world, atEnd }: Pick<Place, 'folder' | 'world' | 'atEnd'>,
  more: Partial<StartOptions> = {},
): Promise<StartedSidecar> {
  const { subject, start, load, pod } = await startSidecar({ folder, world, sts: world.sts, atEnd, ...more })
  return { subject, start, load, body: (await pod.ask()).text, opened: pod.opened }
}

/** The baseline beside a sidecar: it is asked the same and answers the same. */
export const startBeside = ({ atEnd }: Pick<Place, 'atEnd'>, { body, load }: StartedSidecar): Promise<Serving> =>
  startEmpty(body, load.request, atEnd)

/** One after the other: at their start they are not to disturb one another. */
export async function startMany<T>(count: number, start: () => Promise<T>): Promise<readonly T[]> {
  const started: T[] = []
  while (started.length < count) started.push(await start())
  return started
}

/** A sidecar that was busy collects its garbage when it has been quiet for two to four seconds. */
export const settle = (): Promise<void> => sleep(5_000)

/** A connection that has asked once and stays until what is returned is called, which throws where it did not stay. */
export async function keepConnection({ load }: Serving, atEnd: AtEnd): Promise<() => void> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ host: '127.0.0.1', port: load.port }, () => opened.write(load.request))
    opened.once('error', reject).once('data', () => resolve(opened))
  })
  atEnd(() => socket.destroy())
  let isClosed = false
  socket.resume().on('error', () => undefined)
  socket.once('close', () => {
    isClosed = true
  })
  return () => {
    if (isClosed) throw new Error('a connection that was to stay was closed')
    socket.destroy()
  }
}
