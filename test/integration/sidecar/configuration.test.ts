import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { podEntries, settingsOf, variableOf } from '../../../src/settings/index.ts'
import type { Sts } from '../../../src/testbed/index.ts'
import { createPod, startWorld, type World } from './pod.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())

const newPod = () => createPod({ world, endpoint: sts.url })
const fieldsOf = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(': ')[1] ?? '')

function replaceByLink(path: string): void {
  rmSync(path, { recursive: true })
  symlinkSync('nowhere', path)
}

/**
 * Everything that the sidecar reads, but where it writes its last words, and what an identity provider is: the plain program
 * says of its name that it is for the other one.
 */
const variables = [
  ...podEntries.flatMap(([, { env }]) => env ?? []),
  ...settingsOf('sidecar').map(([key]) => variableOf(key)),
].filter((name) => name !== 'LANYARD_TERMINATION_LOG' && name !== 'LANYARD_PROVIDER_CONFIG')

describe('variables of the sidecar', () => {
  test('that are all wrong are all told in one message, which kubectl describe shows too', async () => {
    const pod = await newPod()
    const sidecar = pod.sidecar(Object.fromEntries(variables.map((name) => [name, ''])))
    expect(await sidecar.ended).toEqual({ code: 2, signal: null })
    expect(new Set(fieldsOf(sidecar.stderr()))).toEqual(new Set(variables))
    expect(sidecar.stderr()).toMatch(/^(SettingInvalid: LANYARD_[A-Z_]+: [^\n]+\n)+$/)
    const message = pod.read('termination-log')
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096)
    expect(sidecar.stderr().startsWith(message)).toBe(true)
    expect(message.length).toBeGreaterThan(Math.min(4000, sidecar.stderr().length - 2))
  })

  test('that are all missing are all told', async () => {
    const pod = await newPod()
    const sidecar = pod.sidecar(Object.fromEntries(variables.map((name) => [name, undefined])))
    expect(await sidecar.ended).toEqual({ code: 2, signal: null })
    expect(fieldsOf(sidecar.stderr())).toEqual([
      'LANYARD_POD_NAME',
      'LANYARD_POD_NAMESPACE',
      'LANYARD_POD_UID',
      'LANYARD_POD_SERVICE_ACCOUNT',
      'LANYARD_AUDIENCE',
      'LANYARD_SESSION_DURATION',
      'LANYARD_SESSION_NAME',
      'LANYARD_REGION',
      'LANYARD_CREDENTIALS_PORT',
      'LANYARD_METRICS_PORT',
      'LANYARD_ROLE_ARN',
    ])
  })

  test('that are wrong do not hide those that are missing, or for another program, and each is told once', async () => {
    const pod = await newPod()
    const sidecar = pod.sidecar({
      LANYARD_SESSION_DURATION: '90',
      LANYARD_CONTAINER_ROLES: 'app',
      LANYARD_ROLE_ARN: undefined,
      LANYARD_AUDIENCE: undefined,
      LANYARD_POD_UID: undefined,
      LANYARD_ASSUME_ROLE_ARN: 'arn:aws:iam::111122223333:role/b',
    })
    expect(await sidecar.ended).toEqual({ code: 2, signal: null })
    expect(fieldsOf(sidecar.stderr())).toEqual([
      'LANYARD_POD_UID',
      'LANYARD_CONTAINER_ROLES',
      'LANYARD_SESSION_DURATION',
      'LANYARD_AUDIENCE',
      'LANYARD_ASSUME_ROLE_ARN',
    ])
    expect(pod.read('termination-log')).toBe(sidecar.stderr().trimEnd())
  })

  test.each([
    ['LANYARD_STS_CA', '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----'],
    ['LANYARD_STS_ENDPOINT', 'http://sts.test'],
    ['LANYARD_METRICS_PORT', '80'],
    ['LANYARD_METRICS_PORT', 'tcp://10.0.0.1:9798'],
    ['LANYARD_ROLE_ARN', 'web'],
    ['LANYARD_LOG_LEVEL', 'loud'],
  ])('%s=%j alone ends it', async (name, value) => {
    const pod = await newPod()
    const sidecar = pod.sidecar({ [name]: value })
    expect(await sidecar.ended).toEqual({ code: 2, signal: null })
    expect(sidecar.stderr()).toMatch(/^SettingInvalid: [^\n]+\n$/)
    expect(pod.read('termination-log')).toBe(sidecar.stderr().trimEnd())
  })

  test('that name a termination log which cannot be written cost nothing but that', async () => {
    const pod = await newPod()
    const sidecar = pod.sidecar({ LANYARD_TERMINATION_LOG: pod.path('none', 'log'), LANYARD_REGION: 'x' })
    expect(await sidecar.ended).toEqual({ code: 2, signal: null })
    expect(sidecar.stderr()).toMatch(/^SettingInvalid: LANYARD_REGION: /)
  })
})

describe('the sidecar ends with a code and a reason', () => {
  test.each([
    ['credentials', 'lanyard.dev/credentials-port', '127.0.0.1'],
    ['metrics', 'lanyard.dev/metrics-port', undefined],
  ] as const)('where the %s port is taken', async (which, setting, host) => {
    const pod = await newPod()
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(pod.ports[which], host, resolve))
    onTestFinished(() => void squatter.close())
    const sidecar = pod.sidecar()
    expect(await sidecar.ended).toEqual({ code: 1, signal: null })
    const line = `PortInUse: ${setting}: port ${pod.ports[which]} of ${host ?? 'the pod'} is taken.`
    expect(sidecar.stderr()).toContain(line)
    expect(pod.read('termination-log')).toContain(line)
  })

  test('where both ports are the same', async () => {
    const pod = await newPod()
    const sidecar = pod.sidecar({ LANYARD_METRICS_PORT: String(pod.ports.credentials) })
    expect(await sidecar.ended).toEqual({ code: 1, signal: null })
    expect(sidecar.stderr()).toContain('PortInUse: lanyard.dev/metrics-port: ')
  })

  test.each([
    ['is missing', (path: string) => rmSync(path, { recursive: true })],
    ['is a link to nothing', (path: string) => replaceByLink(path)],
  ])('where the directory of the endpoint tokens %s', async (_, spoil) => {
    const pod = await newPod()
    spoil(pod.path('endpoint'))
    const sidecar = pod.sidecar()
    expect(await sidecar.ended).toEqual({ code: 1, signal: null })
    expect(sidecar.stderr()).toMatch(/^StateUnwritable: [^\n]+\/endpoint: ENO\w+\. /)
    expect(pod.read('termination-log')).toContain('StateUnwritable: ')
  })

  test('but goes on without a state that it can write', async () => {
    const pod = await newPod()
    mkdirSync(pod.path('state', 'state.json', 'in the way'), { recursive: true })
    const sidecar = pod.sidecar()
    await sidecar.said(/"msg":"credentials obtained"/)
    expect((await pod.ask()).status).toBe(200)
    expect(sidecar.stderr()).toMatch(/"msg":"state not kept"/)
    expect(sidecar.stderr()).toContain('"code":"StateUnwritable"')
  })
})
