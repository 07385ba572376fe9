import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nameSandbox } from '../../../src/endpoint/index.ts'
import { scratch } from './harness.ts'

const ID = 'ab12'.repeat(16)
const containerd = `/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${ID}/resolv.conf`

/** What a container sees of its sandbox. */
function view({ net = 'net:[4026532200]', source = containerd, podUid = 'uid-1' } = {}) {
  const directory = scratch()
  const file = join(directory, 'resolv.conf')
  mkdirSync(join(directory, 'ns'))
  symlinkSync(net, join(directory, 'ns/net'))
  writeFileSync(file, 'nameserver 10.96.0.10\n')
  const mounts = [
    '22 1 0:21 / / rw - overlay overlay rw',
    '30 22 8:1 /var/lib/kubelet/pods/uid-1/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw',
    `31 22 8:1 ${source} ${file} rw,relatime - ext4 /dev/sda1 rw`,
  ]
  writeFileSync(join(directory, 'mountinfo'), `${mounts.join('\n')}\n`)
  return { podUid, proc: directory, file }
}

const elsewhere = (path: string): string => path.replace('ab12', 'ab13')

describe('the name', () => {
  test.each([
    containerd,
    `/docker/volumes/${'c'.repeat(64)}/_data/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${ID}/resolv.conf`,
    `/containers/storage/overlay-containers/${ID}/userdata/resolv.conf`,
    `/var/lib/docker/containers/${ID}/resolv.conf`,
  ])('is the same in another container of the sandbox, and not in another sandbox: %s', (source) => {
    const name = nameSandbox(view({ source }))
    expect(name).toContain(ID)
    expect(nameSandbox(view({ source }))).toBe(name)
    expect(nameSandbox(view({ source: elsewhere(source) }))).not.toBe(name)
  })

  test('is another for another pod, and for another network namespace', () => {
    const names = [view(), view({ podUid: 'uid-2' }), view({ net: 'net:[4026532201]' })].map(nameSandbox)
    expect(new Set(names).size).toBe(3)
  })

  test('takes the file itself where its path names no sandbox, as it was last changed', () => {
    const options = view({ source: `/${'c'.repeat(64)}/shared/resolv.conf` })
    const name = nameSandbox(options)
    expect(name).toBeDefined()
    expect(nameSandbox(options)).toBe(name)
    // Another of the same content, in its place.
    writeFileSync(`${options.file}.new`, 'nameserver 10.96.0.10\n')
    renameSync(`${options.file}.new`, options.file)
    expect(nameSandbox(options)).not.toBe(name)
  })
})

describe('there is none', () => {
  const without = (change: Partial<ReturnType<typeof view>>): string | undefined =>
    nameSandbox({ ...view(), ...change })

  test.each([
    ['without the uid of a pod', { podUid: '' }],
    ['without /proc', { proc: '/nowhere' }],
    ['without the file', { file: '/nowhere/resolv.conf' }],
    ['where the file is the image’s own', { file: '/etc/passwd' }],
  ])('%s', (_name, change) => {
    expect(without(change)).toBeUndefined()
  })

  test('where the namespace cannot be read', () => {
    const { proc, ...rest } = view()
    renameSync(join(proc, 'ns'), join(proc, 'other'))
    expect(nameSandbox({ proc, ...rest })).toBeUndefined()
  })
})
