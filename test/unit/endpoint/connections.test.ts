import { describe, expect, test } from 'vitest'
import type { Connection } from '../../../src/endpoint/connection.ts'
import { admitWithin } from '../../../src/endpoint/connections.ts'
import { HEAD, patience, Stuck } from './stuck.ts'

const admitting = (places: number, isLocal = true, clock = { now: 0 }) =>
  admitWithin({ localConnections: places, remoteConnections: 0, connectionsPerAddress: 0 }, () => isLocal, {
    now: () => clock.now,
    patience,
    onRequest: () => undefined,
    onMalformed: () => undefined,
  }).admit

/** One place, taken by a connection that has sent a whole request. */
function crowded() {
  const admit = admitting(1)
  const socket = new Stuck()
  const first = admit(socket)
  socket.read_(HEAD)
  return { admit, first, socket }
}

test('a peer that does not take its answer makes room', () => {
  const { admit, first, socket } = crowded()
  first?.answer('the answer', 'served', false)
  const newcomer = new Stuck()
  expect(admit(newcomer)).toBeDefined()
  expect([socket.destroyed, newcomer.destroyed]).toEqual([true, false])
})

test('one that waits for its answer does not', () => {
  const { admit, socket } = crowded()
  const newcomer = new Stuck()
  expect(admit(newcomer)).toBeUndefined()
  expect([socket.destroyed, newcomer.destroyed]).toEqual([false, true])
})

test('where strangers get no place at all, they are turned away', () => {
  const admit = admitting(1, false)
  const stranger = new Stuck()
  expect(admit(stranger)).toBeUndefined()
  expect(stranger.destroyed).toBe(true)
})

describe('where there is no room, who goes first', () => {
  const clock = { now: 0 }
  const admittingNow = (places: number) => admitting(places, true, clock)

  /** Each in its stage when 50 ms have passed since all of them came, and one newcomer then. */
  const stages = {
    over: ({ connection }: Admitted) => connection?.end(''),
    refused: (one: Admitted) => answered(one, 'refused'),
    receiving: ({ socket }: Admitted) => socket.read_('GET /'),
    served: (one: Admitted) => answered(one, 'served'),
    unread: ({ socket, connection }: Admitted) => {
      socket.read_(HEAD)
      connection?.answer('the answer', 'served', false)
    },
    queued: (one: Admitted) => queued(one),
  }
  const queued = ({ socket, connection }: Admitted): void => {
    socket.read_(HEAD)
    if (connection !== undefined) connection.queued = true
  }
  type Admitted = { readonly socket: Stuck; readonly connection: Connection | undefined }
  const answered = ({ socket, connection }: Admitted, how: 'served' | 'refused'): void => {
    socket.takes = true
    socket.read_(HEAD)
    connection?.answer('the answer', how, false)
  }

  test('over, refused, receiving, served, unread, queued', () => {
    const names = Object.keys(stages) as (keyof typeof stages)[]
    clock.now = 0
    const admit = admittingNow(names.length)
    // Whatever the order in which they came.
    const there = [...names].reverse().map((name) => {
      const socket = new Stuck()
      const admitted = { name, socket, connection: admit(socket) }
      stages[name](admitted)
      return admitted
    })
    clock.now = 50
    const gone: string[] = []
    for (const _ of names) {
      const newcomer = new Stuck()
      admit(newcomer)
      gone.push(...there.filter(({ name, socket }) => socket.destroyed && !gone.includes(name)).map(({ name }) => name))
      // From now on this one is at work.
      newcomer.read_(HEAD)
    }
    expect(gone).toEqual(names)
  })

  test('of those whose requests wait the busiest goes, which had its answer last', () => {
    clock.now = 0
    const admit = admittingNow(2)
    const [seldom, busy] = [new Stuck(), new Stuck()].map((socket) => ({ socket, connection: admit(socket) })) as [
      Admitted,
      Admitted,
    ]
    answered(seldom, 'served')
    clock.now = 10
    answered(busy, 'served')
    queued(seldom)
    queued(busy)
    clock.now = 100
    admit(new Stuck())
    expect([seldom.socket.destroyed, busy.socket.destroyed]).toEqual([false, true])
  })

  test('of those that were served and those that have only just come the more numerous go', () => {
    clock.now = 0
    const admit = admittingNow(3)
    const [served, first, second] = [new Stuck(), new Stuck(), new Stuck()]
    answered({ socket: served, connection: admit(served) }, 'served')
    admit(first)
    admit(second)
    admit(new Stuck())
    expect([served.destroyed, first.destroyed, second.destroyed]).toEqual([false, true, false])
  })

  test('one that has only just come makes room at last', () => {
    clock.now = 0
    const admit = admittingNow(2)
    const [first, second] = [new Stuck(), new Stuck()]
    admit(first)
    answered({ socket: second, connection: admit(second) }, 'served')
    clock.now = 49
    expect(admit(new Stuck())).toBeDefined()
    expect([first.destroyed, second.destroyed]).toEqual([false, true])
    expect(admit(new Stuck())).toBeDefined()
    expect(first.destroyed).toBe(true)
  })
})
