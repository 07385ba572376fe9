import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeAuthorities } from '../../../scripts/build/authorities.ts'
import { SIDECAR_COMMAND } from '../../../src/injection/layout.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { scratch } from '../../support/processes.ts'
import { createPod, startWorld, type World } from './pod.ts'

let world: World
let endpoint = ''

beforeAll(async () => {
  world = await startWorld()
  endpoint = (await world.startSts()).url
})
afterAll(() => world.stop())

/** As in the image: told of no authority of STS, but of a folder of public ones. */
const publicly = (folder: string) => ({
  LANYARD_STS_CA: undefined,
  NODE_OPTIONS: SIDECAR_COMMAND.filter((flag) => flag === '--use-openssl-ca').join(' '),
  SSL_CERT_DIR: folder,
  SSL_CERT_FILE: join(folder, 'none'),
})

test('of the folder of public authorities, the one that STS names is found', async () => {
  const folder = scratch()
  writeAuthorities(folder, [world.ca.pem])
  const pod = await createPod({ world, endpoint })
  await pod.sidecar(publicly(folder)).said(/"msg":"credentials obtained"/)
  expect((await pod.ask()).status).toBe(200)
})

test('an authority that is not in the folder is not trusted', async () => {
  const folder = join(scratch(), 'empty')
  mkdirSync(folder)
  const pod = await createPod({ world, endpoint })
  const sidecar = pod.sidecar(publicly(folder))
  await sidecar.said(/"msg":"credentials not obtained"/)
  expect(sidecar.stderr()).toMatch(/StsUntrusted/)
})

test('what the operator names stands in place of the folder', async () => {
  const folder = scratch()
  writeAuthorities(folder, [world.ca.pem])
  const pod = await createPod({ world, endpoint })
  const { pem } = await createCertificateAuthority({ name: 'another', now: Date.now })
  const sidecar = pod.sidecar({ ...publicly(folder), LANYARD_STS_CA: pem })
  await sidecar.said(/"msg":"credentials not obtained"/)
  expect(sidecar.stderr()).toMatch(/StsUntrusted/)
})
