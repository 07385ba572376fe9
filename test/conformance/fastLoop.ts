import { existsSync } from 'node:fs'
import { send } from '../integration/sidecar/pod.ts'
import { Missing } from './client.ts'
import { type AtLeast, callOn, type Loop } from './loop.ts'
import type { Stage } from './stage.ts'
import { ROLE } from './world.ts'

/** A minute of the client's, of the sidecar's and of STS's for a second of ours. */
const RATE = 60

/** Debian's libfaketime, on amd64 and arm64. */
const libraries = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)

/**
 * For clients that keep what IMDS gave them for as long as it lasts, and would take hours to ask again: everybody's clock
 * runs fast, and sessions, renewals and refresh windows are the usual ones. Throws Missing without libfaketime.
 */
export async function loopFast(stage: Stage, atLeast: AtLeast): Promise<Loop> {
  const { sidecar, hurry, open } = stage
  const library = libraries.find((path) => existsSync(path))
  if (library === undefined) throw new Missing('libfaketime is not on this machine (Debian: faketime)')
  await sidecar.start()
  await sidecar.ready()
  const app = open({ LD_PRELOAD: library, FAKETIME: `+0 x${RATE}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' })
  hurry(RATE)
  let told = 0
  const tick = async (passed: number): Promise<void> => {
    if (passed - told < 1) return
    await pass(stage, passed - told)
    told = passed
  }
  return callOn(stage, app, { atLeast, seconds: atLeast.rotations * 30, longest: atLeast.rotations * 60 + 60, tick })
}

/** The sidecar is told of the time, and notices, since somebody asks it. */
async function pass({ sidecar, pod }: Stage, seconds: number): Promise<void> {
  await sidecar.pass((seconds * (RATE - 1)) / 60)
  const { credentials } = pod.ports
  const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }
  const { text } = await send({ port: credentials, method: 'PUT', path: '/latest/api/token', headers: ttl })
  const path = `/latest/meta-data/iam/security-credentials/${ROLE.name}`
  await send({ port: credentials, path, headers: { 'X-aws-ec2-metadata-token': text } })
}
