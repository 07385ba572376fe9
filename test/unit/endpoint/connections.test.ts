import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { admitWithin } from '../../../src/endpoint/connections.ts'

/** A socket whose peer takes nothing. */
class Stuck extends Socket {
  override _write(): void {}
}

/** One place, taken by a connection that has sent a whole request. */
function crowded() {
  const admit = admitWithin({ localConnections: 1, remoteConnections: 0, connectionsPerAddress: 0 }, () => true)
  const socket = new Stuck()
  const first = admit(socket)
  socket.emit('data', Buffer.from('GET / HTTP/1.1\r\n\r\n'))
  return { admit, first }
}

test('a peer that does not take its answer makes room', () => {
  const { admit, first } = crowded()
  first?.write('the answer')
  const newcomer = new Stuck()
  expect(admit(newcomer)).toBeDefined()
  expect([first?.destroyed, newcomer.destroyed]).toEqual([true, false])
})

test('one that waits for its answer does not', () => {
  const { admit, first } = crowded()
  const newcomer = new Stuck()
  expect(admit(newcomer)).toBeUndefined()
  expect([first?.destroyed, newcomer.destroyed]).toEqual([false, true])
})

test('where strangers get no place at all, they are turned away', () => {
  const admit = admitWithin({ localConnections: 1, remoteConnections: 0, connectionsPerAddress: 0 }, () => false)
  const stranger = new Stuck()
  expect(admit(stranger)).toBeUndefined()
  expect(stranger.destroyed).toBe(true)
})

describe('where there is no room, who goes first', () => {
  const request = Buffer.from('GET / HTTP/1.1\r\n\r\n')
  const clock = { now: 0 }
  const admitting = (places: number) =>
    admitWithin(
      { localConnections: places, remoteConnections: 0, connectionsPerAddress: 0 },
      () => true,
      () => clock.now,
    )

  /** Each in its stage when 50 ms have passed since all of them came, and one newcomer then. */
  const stages = {
    over: ({ guarded }: Admitted) => void guarded?.end(),
    refused: (one: Admitted) => answered(one, 'refused'),
    receiving: ({ socket }: Admitted) => void socket.emit('data', Buffer.from('GET /')),
    served: (one: Admitted) => answered(one, 'served'),
    unread: ({ socket, guarded }: Admitted) => {
      socket.emit('data', request)
      guarded?.write('the answer')
    },
    queued: (one: Admitted) => queued(one),
  }
  const queued = ({ socket, guarded }: Admitted): void => {
    socket.emit('data', request)
    if (guarded !== undefined) guarded.queued = true
  }
  type Admitted = { readonly socket: Stuck; readonly guarded: ReturnType<ReturnType<typeof admitWithin>> }
  const answered = ({ socket, guarded }: Admitted, how: 'served' | 'refused'): void => {
    socket.emit('data', request)
    guarded?.release(how)
  }

  test('over, refused, receiving, served, unread, queued', () => {
    const names = Object.keys(stages) as (keyof typeof stages)[]
    clock.now = 0
    const admit = admitting(names.length)
    // Whatever the order in which they came.
    const there = [...names].reverse().map((name) => {
      const socket = new Stuck()
      const admitted = { name, socket, guarded: admit(socket) }
      stages[name](admitted)
      return admitted
    })
    clock.now = 50
    const gone: string[] = []
    for (const _ of names) {
      const newcomer = admit(new Stuck())
      gone.push(...there.filter(({ name, socket }) => socket.destroyed && !gone.includes(name)).map(({ name }) => name))
      // From now on this one is at work.
      newcomer?.emit('data', request)
      Object.defineProperty(newcomer, 'stage', { value: 'answering' })
    }
    expect(gone).toEqual(names)
  })

  test('of those whose requests wait the busiest goes, which had its answer last', () => {
    clock.now = 0
    const admit = admitting(2)
    const [seldom, busy] = [new Stuck(), new Stuck()].map((socket) => ({ socket, guarded: admit(socket) })) as [
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
    const admit = admitting(3)
    const [served, first, second] = [new Stuck(), new Stuck(), new Stuck()]
    answered({ socket: served, guarded: admit(served) }, 'served')
    admit(first)
    admit(second)
    admit(new Stuck())
    expect([served.destroyed, first.destroyed, second.destroyed]).toEqual([false, true, false])
  })

  test('one that has only just come makes room at last', () => {
    clock.now = 0
    const admit = admitting(2)
    const [first, second] = [new Stuck(), new Stuck()]
    admit(first)
    answered({ socket: second, guarded: admit(second) }, 'served')
    clock.now = 49
    expect(admit(new Stuck())).toBeDefined()
    expect([first.destroyed, second.destroyed]).toEqual([false, true])
    expect(admit(new Stuck())).toBeDefined()
    expect(first.destroyed).toBe(true)
  })
})
