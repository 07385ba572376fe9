import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { scratch } from '../../support/processes.ts'
import { exposition, fine, MINUTE, podOf } from '../../unit/status/support.ts'
import { type Answers, clusterThat, ok, refused } from './statusGround.ts'

const execute = promisify(execFile)
const PODS = '/api/v1/namespaces/shop/pods'
const metricsOf = (pod: string): string => `${PODS}/${pod}:9798/proxy/metrics`
const now = Date.now()
const well = ok(await exposition([fine], now))
const failed = ok(await exposition([{ failures: { StsAccessDenied: 2 } }], now))

/** The pods of namespace `shop`, and what each is answered. */
const shop =
  (answers: Readonly<Record<string, ReturnType<Answers>>>): Answers =>
  ({ pathname }) => {
    if (pathname === PODS || pathname === '/api/v1/pods')
      return ok({ metadata: {}, items: Object.keys(answers).map((name) => podOf(name)) })
    return Object.entries(answers).find(([name]) => pathname === metricsOf(name))?.[1]
  }

describe('lanyard status', () => {
  test('shows the pods of the context’s namespace: exit code 0 where all is well', async () => {
    const cluster = await clusterThat(shop({ web: well }))
    const { code, stdout, stderr } = await cluster.run()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^web +app +111122223333\/web +(39m|40m) +20m ago +- +1\.0\.0 +sidecar$/m)
    expect(stdout).toMatch(/^1 pod in \d+\.\ds: 1 well\.$/m)
    expect(cluster.asked.sort()).toEqual(
      [
        `${PODS}?limit=200`,
        metricsOf('web'),
        '/apis/apps/v1/namespaces/lanyard-system/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dlanyard%2Capp.kubernetes.io%2Fcomponent%3Dwebhook',
        '/version',
      ].sort(),
    )
  })

  test('1 where one is in trouble, or cannot be seen; the others are shown all the same', async () => {
    const cluster = await clusterThat(
      shop({
        a: well,
        denied: failed,
        html: ok('<html>'),
        refused: refused('pods/proxy is forbidden'),
        refusing: { code: 403, body: '{"message":"not you"}' },
        slow: 'silence',
      }),
    )
    const { code, stdout } = await cluster.run('--timeout', '1s', '-o', 'json')
    const { rows, well: isWell, states } = JSON.parse(stdout)
    expect([code, isWell, states]).toEqual([1, false, { none: 1, unseen: 4, ok: 1 }])
    expect(rows.map((row: { pod: string; state: string; error: string }) => [row.pod, row.state, row.error])).toEqual([
      ['denied', 'none', 'StsAccessDenied'],
      ['html', 'unseen', 'unreadable'],
      ['refused', 'unseen', 'RightsMissing'],
      ['refusing', 'unseen', 'unreadable'],
      ['slow', 'unseen', 'no answer'],
      ['a', 'ok', null],
    ])
    expect(rows[3].message).toBe('get: the pod, or what stands before the API server, answers HTTP 403')
    expect(rows[4].message).toBe('no answer within 1 s')
    expect(stdout).not.toContain('c4n4ry')
  })

  test('by another context, namespace or kubeconfig, by labels, of all namespaces', async () => {
    const cluster = await clusterThat(({ pathname }) =>
      /\/pods$|\/namespaces\/(other|third)$/.test(pathname) ? ok({ items: [] }) : undefined,
    )
    const { stdout } = await cluster.run('--context', 'y')
    expect(stdout).toMatch(/^No pods with Lanyard in namespace other\.\nA pod asks by the annotation /)
    await cluster.run('-n', 'third', '-l', 'app=web,tier!=test')
    await cluster.run('-A', '--kubeconfig', cluster.kubeconfig)
    expect(cluster.asked.filter((url) => url.includes('/pods?'))).toEqual([
      '/api/v1/namespaces/other/pods?limit=200',
      '/api/v1/namespaces/third/pods?limit=200&labelSelector=app%3Dweb%2Ctier%21%3Dtest',
      '/api/v1/pods?limit=200',
    ])
    const missing = await cluster.run('--context', 'nowhere')
    expect([missing.code, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toContain(
      'ClusterConfigurationMissing: nowhere: the kubeconfig has no such context; it has "',
    )
  })

  test('a plugin that asks somebody to log in has more time than a request, and who waits is told', async () => {
    const cluster = await clusterThat(({ pathname }) =>
      /\/pods$|\/namespaces\/shop$/.test(pathname) ? ok({ items: [] }) : undefined,
    )
    const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'))
    const says = `setTimeout(() => console.log(JSON.stringify({ status: { token: 'x' } })), 5500)`
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', says] }
    const own = join(dirname(cluster.kubeconfig), 'own')
    writeFileSync(own, JSON.stringify({ ...config, users: [{ name: 'u', user: { exec } }] }))
    const { code, stdout, stderr } = await cluster.run('--kubeconfig', own)
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Waiting for "${process.execPath}", which is to prove who you are.\n`,
    })
    expect(stdout).toMatch(/^No pods with Lanyard/)
  })

  test('a namespace that is not there is an error, if the caller may know', async () => {
    const empty = ok({ items: [] })
    const cluster = await clusterThat(({ pathname }) => (pathname.endsWith('/pods') ? empty : undefined))
    const { code, stdout, stderr } = await cluster.run('-n', 'shpo')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^TargetMissing: namespace shpo: there is none in this cluster\. Look at the spelling/)
    const limited = await clusterThat(({ pathname }) => (pathname.endsWith('/pods') ? empty : refused('no')))
    expect(await limited.run('-n', 'shpo')).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    [['web'], /^SettingInvalid: "web": status takes no name: .* lanyard doctor pod\/NAME\n$/],
    [['watch'], /did you mean "--watch"\?/],
    [['-l', 'app in web'], /^SettingInvalid: --selector: Kubernetes cannot read "app in web": unable to parse\. Write/],
  ])('called wrongly: %j', async (args, message) => {
    const cluster = await clusterThat(({ pathname }) =>
      pathname.endsWith('/pods')
        ? { code: 400, body: JSON.stringify({ kind: 'Status', reason: 'BadRequest', message: 'unable to parse' }) }
        : undefined,
    )
    const { code, stdout, stderr } = await cluster.run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  test('pods that may not be listed are one line, with the right to ask for', async () => {
    const cluster = await clusterThat(({ pathname }) => (pathname === '/api/v1/pods' ? refused('no') : undefined))
    const { code, stdout, stderr } = await cluster.run('-A')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^RightsMissing: pods of all namespaces: get: HTTP 403: no\. Ask for the right to list pods/)
  })

  test('judges by the clock of the API server where this machine’s is wrong', async () => {
    const date = new Date(now - 3 * 60 * MINUTE)
    const then = ok(await exposition([fine], date.getTime()))
    const cluster = await clusterThat(shop({ web: then }), { date })
    expect((await cluster.run()).stdout).toMatch(/^web .* (39m|40m) +(19|20)m ago/m)
  })

  test('is a plugin of kubectl by the name of its program', async () => {
    const program = join(scratch(), 'kubectl-lanyard')
    symlinkSync(fileURLToPath(new URL('../../../cmd/lanyard.ts', import.meta.url)), program)
    const { stdout } = await execute(process.execPath, [program, 'status', '--help'])
    expect(stdout).toContain('Usage:\n  kubectl lanyard status [')
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})

describe('--watch', () => {
  test('elsewhere than at a terminal a block a round; its end by a signal is no failure', async () => {
    const cluster = await clusterThat(shop({ web: well }))
    const running = cluster.start('--watch', '--interval', '1s')
    await running.said(/\d{4}-\d\d-\d\dT[\d:.]+Z\nPOD .*\nweb .*\n\n1 pod in .*\n\n/, 2)
    expect(await running.kill('SIGINT')).toEqual({ code: 0, signal: null })
    expect(running.stderr()).toBe('')
  })

  test('as JSON a line a round; a round that fails is one too, and passes', async () => {
    let rounds = 0
    const answers = shop({ web: well })
    const cluster = await clusterThat((url) => {
      const isList = url.pathname === PODS
      if (isList) rounds += 1
      return isList && rounds === 2 ? { code: 500, body: '{}' } : answers(url)
    })
    const running = cluster.start('--watch', '--interval', '1s', '--json')
    await running.said(/"well":true.*\n.*"error":"ClusterUnreachable".*\n.*"well":true.*\n/)
    expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    for (const line of running.stdout().trim().split('\n'))
      expect(Date.parse(JSON.parse(line).time)).toBeGreaterThan(now)
  })

  test('obeys at once, whatever it waits for', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const cluster = await clusterThat(({ pathname }) => {
      if (pathname !== PODS) return undefined
      resolve()
      return 'silence'
    })
    const running = cluster.start('--watch')
    await asked
    expect(await running.kill('SIGINT')).toEqual({ code: 0, signal: null })
    expect(running.stdout() + running.stderr()).toBe('')
  })

  test('ends where nothing can be seen at first', async () => {
    const cluster = await clusterThat(({ pathname }) => (pathname === PODS ? { code: 503, body: '{}' } : undefined))
    const { code, stdout, stderr } = await cluster.run('--watch')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^ClusterUnreachable: pods of namespace shop: /)
  })

  test('ends quietly where nobody reads on', async () => {
    const cluster = await clusterThat(shop({ web: well }))
    const running = cluster.start('--watch', '--interval', '1s')
    await running.said(/1 pod in/)
    running.turnAway()
    expect(await running.ended).toEqual({ code: 0, signal: null })
  })
})

test('a thousand pods are asked once each, sixteen at a time, over kept connections', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `web-${index}`)
  const cluster = await clusterThat((url) => {
    if (url.pathname !== PODS) return url.pathname.endsWith('/proxy/metrics') ? well : undefined
    const from = Number(url.searchParams.get('continue') ?? 0)
    const to = from + Number(url.searchParams.get('limit'))
    const metadata = to < names.length ? { continue: String(to) } : {}
    return ok({ metadata, items: names.slice(from, to).map((name) => podOf(name)) })
  })
  const { code, stdout } = await cluster.run('--json')
  expect([code, JSON.parse(stdout).pods]).toEqual([0, 1_000])
  const scrapes = cluster.asked.filter((url) => url.endsWith('/proxy/metrics'))
  expect([
    scrapes.length,
    new Set(scrapes).size,
    cluster.asked.filter((url) => url.startsWith(`${PODS}?`)).length,
  ]).toEqual([1_000, 1_000, 5])
  const { most, connections } = cluster.figures()
  // The version of the webhook may be asked for meanwhile.
  expect(most).toBeLessThanOrEqual(17)
  expect(connections).toBeLessThanOrEqual(20)
  if (process.env['LANYARD_FIGURES']) process.stderr.write(`a round of 1,000 pods: ${JSON.parse(stdout).seconds} s\n`)
})
