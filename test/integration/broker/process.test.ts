import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finish, scratch, start } from '../../support/processes.ts'
import { CLIENT, granted, NONCE, post, send, startWorld, variables, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const PROGRAM = 'brokerMain.ts'

describe('the process', () => {
  test('writes its tokens, serves, is healthy, and ends at SIGTERM', async () => {
    const { env, port, metricsPort, token } = await variables(world)
    const process = start({ program: PROGRAM, env })
    await process.said(/"msg":"broker started"/)
    for (const path of ['/healthz', '/readyz', '/startupz?wait=1'])
      expect((await send({ port: metricsPort, path, method: 'GET' })).status).toBe(200)
    expect(statSync(join(env.LANYARD_BROKER_TOKENS_DIRECTORY, 'app', 'token')).mode & 0o777).toBe(0o444)
    expect(token('app')).not.toBe(token('other'))

    const login = await world.issuer.issueToken({
      sub: 'ada',
      audience: CLIENT,
      expiresIn: 60,
      claims: { nonce: NONCE },
    })
    const body = JSON.stringify({ provider: 'issuer', role: 'issuer', token: login, nonce: NONCE })
    expect(granted(await post(port, body, { authorization: token('other') })).role).toBe('issuer')
    expect((await send({ port: metricsPort, path: '/v1/user-credentials', method: 'GET' })).status).toBe(404)

    expect(await process.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(process.stderr()).toContain('"msg":"broker stopped"')
    expect(process.stderr()).not.toContain(login)
  })

  test('keeps the tokens of an earlier run: apps hold them', async () => {
    const { env, token } = await variables(world)
    const first = start({ program: PROGRAM, env })
    await first.said(/"msg":"broker started"/)
    const before = token()
    await first.kill('SIGKILL')
    await start({ program: PROGRAM, env }).said(/"msg":"broker started"/)
    expect(token()).toBe(before)
  })

  test('says all that is wrong with what it is told, where kubectl describe looks, and ends with 2', async () => {
    const log = join(scratch(), 'termination-log')
    const env = {
      LANYARD_BROKER_PORT: '80',
      LANYARD_BROKER_PROVIDERS: JSON.stringify({
        login: { kind: 'oidc', issuer: 'http://login.example.com', clientIds: CLIENT },
      }),
      LANYARD_TERMINATION_LOG: log,
    }
    const { code, stderr } = await finish({ program: PROGRAM, env })
    expect(code).toBe(2)
    for (const text of [stderr, readFileSync(log, 'utf8')]) {
      expect(text).toContain('SettingInvalid: LANYARD_BROKER_PORT')
      expect(text).toContain('SettingInvalid: LANYARD_BROKER_PROVIDERS.login.issuer')
      expect(text).toContain('SettingMissing: LANYARD_BROKER_ROLES: there is no value')
    }
  })

  test('says that its port is taken, and by what it is set', async () => {
    const { env } = await variables(world)
    await start({ program: PROGRAM, env }).said(/"msg":"broker started"/)
    const { code, stderr } = await finish({ program: PROGRAM, env })
    expect(code).toBe(1)
    expect(stderr).toContain('PortInUse: LANYARD_BROKER_PORT')
  })
})
