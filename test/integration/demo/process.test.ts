import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, type TestContext, test } from 'vitest'
import { type AtEnd, scratch, start } from '../../support/processes.ts'

const ARN = /^arn:aws:sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+$/

/** The demo with a temporary directory of its own, which is to be empty again at its end. */
function demo({ onTestFinished }: TestContext, ...args: readonly string[]) {
  const atEnd: AtEnd = (end) => onTestFinished(async () => void (await end()))
  const TMPDIR = join(scratch(atEnd), 'with space')
  mkdirSync(TMPDIR)
  const running = start({ program: 'lanyard.ts', args: ['demo', ...args], env: { TMPDIR }, atEnd })
  return { ...running, left: () => [...readdirSync(TMPDIR), ...processesIn(TMPDIR)] }
}

/** What runs in a directory, by proc(5). */
function processesIn(directory: string): string[] {
  const here = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  return here.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
    } catch {
      return false
    }
  })
}

const stepsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.concurrent('lanyard demo', { timeout: 60_000 }, () => {
  test('--json tells every step, shows whom AWS sees, and leaves nothing behind', async (context) => {
    const told = demo(context, '--json')
    expect(await told.ended).toEqual({ code: 0, signal: null })
    expect(told.stderr()).toBe('')
    const steps = stepsOf(told.stdout())
    expect([...new Set(steps.map(({ step }) => step))]).toEqual([
      'outside',
      'admission',
      'start',
      'identity',
      'renewal',
      'outage',
      'metrics',
      'end',
    ])
    expect(steps).toContainEqual(expect.objectContaining({ step: 'identity', arn: expect.stringMatching(ARN) }))
    expect(steps).toContainEqual(expect.objectContaining({ step: 'admission', secondPass: 0 }))
    const url = /^http:\/\/127\.0\.0\.1:\d+\//
    const last = { step: 'end', ok: true, credentials: expect.stringMatching(url), metrics: expect.stringMatching(url) }
    expect(steps.at(-1)).toEqual({ ...last, tokenFile: expect.stringMatching(/\/app\/token$/) })
    expect(told.left()).toEqual([])
  })

  test('--break-trust fails with the cause in words, and leaves nothing behind', async (context) => {
    const told = demo(context, '--break-trust', '--json')
    expect(await told.ended).toEqual({ code: 1, signal: null })
    expect(told.stderr()).toMatch(/^DemoFailed: [^\n]*StsAccessDenied: [^\n]*trust policy[^\n]*\n$/)
    expect(told.stdout()).not.toContain('assumed-role')
    expect(told.stdout().trimEnd().split('\n').at(-1)).toMatch(
      /^\{"step":"start","ok":false,"code":"DemoFailed","message":".*StsAccessDenied/,
    )
    expect(told.left()).toEqual([])
  })

  const hasCurl = spawnSync('curl', ['--version']).status === 0
  test.runIf(hasCurl)('--keep stays up for the curl lines that it prints, until Ctrl-C', async (context) => {
    const told = demo(context, '--keep')
    await told.said(/Everything stays up until Ctrl-C: try it\n( +# [^\n]+\n +curl [^\n]+\n){3}/)
    const lines = told.stdout().match(/(?<=^ +)curl .+/gm) ?? []
    const [credentials, refusal, metrics] = await Promise.all(
      lines.map((line) => promisify(execFile)('sh', ['-c', line])),
    )
    expect(JSON.parse(credentials?.stdout ?? '')).toMatchObject({ Code: 'Success', AccessKeyId: expect.any(String) })
    expect(refusal?.stdout).toMatch(/^HTTP\/1\.1 401 [\s\S]*"Code":"EndpointTokenMissing"/)
    expect(metrics?.stdout).toMatch(/^lanyard_credentials_refreshes_total\{/m)
    expect(told.left()).not.toEqual([])
    expect(await told.kill('SIGINT')).toEqual({ code: 0, signal: null })
    expect(told.left()).toEqual([])
  })

  test('cleans up as well when nobody reads on', async (context) => {
    const told = demo(context)
    await told.said(/1\. A cluster/)
    told.turnAway()
    expect(await told.ended).toEqual({ code: 130, signal: null })
    expect(told.left()).toEqual([])
  })

  test.each([
    ['at its beginning', /1\. A cluster/, 'SIGINT'],
    ['while the webhook starts', /2\. A Deployment/, 'SIGTERM'],
    ['while the sidecar starts', /3\. The patched pod/, 'SIGINT'],
    ['while the app runs', /4\. The app asks/, 'SIGHUP'],
  ] as const)('interrupted %s, it cleans up as well', async (_, when, signal) => {
    const ends: (() => unknown)[] = []
    const told = demo({ onTestFinished: (end: () => unknown) => void ends.unshift(end) } as unknown as TestContext)
    try {
      await told.said(when)
      expect(await told.kill(signal)).toEqual({ code: 130, signal: null })
      expect(told.stderr()).toBe('')
      expect(told.left()).toEqual([])
    } finally {
      for (const end of ends) await end()
    }
  })
})
