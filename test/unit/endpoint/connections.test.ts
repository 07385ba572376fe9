import { Socket } from 'node:net'
import { expect, test } from 'vitest'
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
