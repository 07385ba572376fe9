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
  }
  type Admitted = { readonly socket: Stuck; readonly guarded: ReturnType<ReturnType<typeof admitWithin>> }
  const answered = ({ socket, guarded }: Admitted, how: 'served' | 'refused'): void => {
    socket.emit('data', request)
    guarded?.release(how)
  }

  test('over, refused, receiving, served, unread', () => {
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

  test('one that has only just come goes last, and yet makes room', () => {
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
