import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, kubectl, podReady, rolledOut, waitFor } from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { figure } from './support/progress.ts'
import { told } from './support/settings.ts'
import { type Ran, run } from './support/shell.ts'
import { clearFaults, endpointOf, roleArn, setFault } from './support/sts.ts'
import { CTRL_C, openTerminal } from './support/terminal.ts'
import { dropNamespace, makeNamespace, type PodOptions, pod, podTemplate, workload } from './support/workloads.ts'

const WHERE = 'e2e-status'
const REPLICAS = 45
/** So many are to start at a time: with all at once on two processors, kubelet's patience with their gates would be over. */
const STEPS = [12, 24, 36, REPLICAS] as const
const ALL_WITHIN = 300_000
const FLAKY = endpointOf('sts-flaky')
/** They are many: no SDK is started in them. */
const idle = {
  script: 'exec sleep infinity',
  container: { resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { cpu: '1', memory: '64Mi' } } },
} as const
const annotated = (annotations: Readonly<Record<string, string>>, more: PodOptions = {}): PodOptions => ({
  ...idle,
  annotations,
  ...more,
})

/** For a broker, which nobody asks here. */
const users = {
  userProviders: { nobody: { kind: 'oidc', issuer: 'https://login.example.com', clientIds: ['web'] } },
  userRoles: { files: { kind: 'role', namespaces: [WHERE], providers: ['nobody'], roleArn: roleArn('users') } },
}

beforeAll(async () => {
  await ensureInstalled({ config: users })
  await makeNamespace(WHERE)
  const began = Date.now()
  await apply([
    workload('Deployment', 'web', WHERE, { ...idle, replicas: 0 }),
    pod('reports', WHERE, annotated({ 'lanyard.dev/mode': 'direct' })),
    pod('legacy', WHERE, annotated({ 'lanyard.dev/protocol': 'imds' })),
    pod('files', WHERE, annotated({ 'lanyard.dev/user-credentials': 'true' })),
    pod('mistrusted', WHERE, { ...idle, role: 'elsewhere', spec: { terminationGracePeriodSeconds: 7 } }),
    twoRoles(),
  ])
  for (const replicas of STEPS) {
    await kubectl(['scale', 'deployment/web', '-n', WHERE, `--replicas=${replicas}`])
    await rolledOut('deployment/web', WHERE)
  }
  await Promise.all(['reports', 'legacy', 'files', 'two-roles'].map((name) => podReady(name, WHERE)))
  figure(`${REPLICAS + 5} pods with a sidecar each on one node: ${seconds(began)} s until all were ready`)
}, ALL_WITHIN)
afterAll(async () => {
  await clearFaults('sts-flaky')
  await ensureInstalled()
  await dropNamespace(WHERE)
})

/** Served for 40 of its 100 seconds, and refused when it is to be renewed. */
async function applyExpiring(): Promise<void> {
  await setFault('sts-flaky', { kind: 'shortSession', seconds: 100 })
  await apply([pod('expiring', WHERE, annotated({ 'lanyard.dev/sts-endpoint': FLAKY }, { sts: 'sts-flaky' }))])
  await podReady('expiring', WHERE)
  await clearFaults('sts-flaky')
  await setFault('sts-flaky', { kind: 'failure', code: 'AccessDenied', message: 'Not authorized', status: 403 })
}

const seconds = (began: number): string => ((Date.now() - began) / 1_000).toFixed(1)

function twoRoles(): object {
  const { metadata, spec } = podTemplate({ ...idle, role: undefined })
  const [app] = spec['containers'] as readonly object[]
  const annotations = { 'lanyard.dev/container-roles': `app=${roleArn('web')} helper=${roleArn('worker')}` }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'two-roles', namespace: WHERE, annotations },
    spec: { ...spec, containers: [app, { ...app, name: 'helper' }] },
  }
}

const status = (...args: readonly string[]): Promise<Ran> =>
  run(process.execPath, ['cmd/lanyard.ts', 'status', ...args])
const keep = (name: string, text: string): void => writeFileSync(join(told().artifacts, name), text)
const lineOf = (text: string, start: string): string => text.split('\n').find((line) => line.startsWith(start)) ?? ''

describe('fifty pods on a real cluster', () => {
  test('each with its role, its times and what is wrong; the troubled first', async () => {
    const began = Date.now()
    const { code, stdout, stderr } = await waitFor(
      'the mistrusted pod has failed',
      async () => {
        const ran = await status('-n', WHERE)
        // Between two starts of its container it is down, and not without credentials.
        return / none +- +StsAccessDenied/.test(lineOf(ran.stdout, 'mistrusted')) ? ran : undefined
      },
      { seconds: 120 },
    )
    figure(`status of 50 pods: ${seconds(began)} s, the program's start included`)
    keep('status.txt', stdout)
    expect([code, stderr]).toEqual([1, ''])
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^POD +CONTAINER +ROLE +EXPIRES +REFRESHED +LAST ERROR +VERSION +MODE$/)
    expect(lineOf(stdout, 'mistrusted')).toMatch(
      /^mistrusted +app +111122223333\/elsewhere +none +- +StsAccessDenied +\S+ +sidecar$/,
    )
    // The other one may have expired by now.
    expect(lines.slice(1, 3).map((line) => line.split(' ')[0])).toContain('mistrusted')
    expect(
      lines.filter((line) => /^web-\S+ +app +111122223333\/web +\d+m +\S+ ago +- +\S+ +sidecar$/.test(line)),
    ).toHaveLength(REPLICAS)
    expect(lineOf(stdout, 'legacy')).toMatch(/ imds$/)
    expect(lineOf(stdout, 'reports')).toMatch(/^reports +app +111122223333\/web +- +- +- .* direct$/)
    expect(stdout).toMatch(/^two-roles +app +111122223333\/web +\d+m/m)
    expect(stdout).toMatch(/^two-roles +helper +111122223333\/worker +\d+m/m)
    expect(stdout).toMatch(/^files +lanyard-broker +0 users /m)
    expect(stdout).toMatch(/^50 pods in \d+\.\ds: /m)
    expect(stdout).toMatch(new RegExp(`^Next: lanyard doctor pod/(mistrusted|expiring) -n ${WHERE}$`, 'm'))
  })

  test('as JSON, of all namespaces, for scripts', async () => {
    const { code, stdout } = await status('-A', '--json')
    keep('status.json', stdout)
    const { rows, namespace, well, webhookVersion } = JSON.parse(stdout)
    expect([code, namespace, well]).toEqual([1, null, false])
    expect(webhookVersion).toBe(rows.find(({ pod: name }: { pod: string }) => name === 'legacy').version)
    const mistrusted = rows.find(({ pod: name }: { pod: string }) => name === 'mistrusted')
    expect(mistrusted).toMatchObject({
      namespace: WHERE,
      state: expect.stringMatching(/^(none|down)$/),
      error: 'StsAccessDenied',
      expires: null,
      mode: 'sidecar',
    })
    const web = rows.filter(({ pod: name }: { pod: string }) => name.startsWith('web-'))
    expect(web).toHaveLength(REPLICAS)
    for (const row of web)
      expect(row).toMatchObject({ state: 'ok', role: roleArn('web'), containers: ['app'], error: null })
    const selected = await status('-n', WHERE, '-l', 'app=web', '-o', 'json')
    expect([selected.code, JSON.parse(selected.stdout).pods]).toEqual([0, REPLICAS])
  })

  test('by kubectl, as the page on it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-e2e-plugin-'))
    mkdirSync(join(folder, 'bin'))
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, NPM_CONFIG_PREFIX: folder }
    try {
      const block = 'npm run build && npm link && kubectl lanyard status --all-namespaces'
      const { code, stdout } = await run('bash', ['-euo', 'pipefail', '-c', block], { env, timeout: 170_000 })
      expect(code).toBe(1)
      expect(stdout).toMatch(new RegExp(`^Next: kubectl lanyard doctor pod/(mistrusted|expiring) -n ${WHERE}$`, 'm'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('--watch at a terminal: pods that come, go and expire, painted in place until Ctrl-C', async () => {
  const command = `${process.execPath} cmd/lanyard.ts status -n ${WHERE} --watch --interval 2s`
  const terminal = openTerminal(command, 100, 30)
  try {
    await waitFor('the first picture', async () => (terminal.text().includes('Next: ') ? true : undefined))
    expect(terminal.text()).toMatch(/^legacy |… and \d+ more/m)
    keep('status-watch-first.txt', terminal.text())
    await applyExpiring()
    await kubectl(['delete', 'pod', 'legacy', '-n', WHERE])
    await kubectl(['scale', 'deployment/web', '-n', WHERE, '--replicas=20'])
    await waitFor(
      'the deleted pods are gone, and one has expired',
      async () => {
        const text = terminal.text()
        const isThere = /^25 pods in .*: 1 expired, 1 (without credentials|not running), 22 well, 1 direct\.$/m.test(
          text,
        )
        return isThere && /^expiring .* expired .* StsAccessDenied/m.test(text) ? true : undefined
      },
      { seconds: 120 },
    )
    const final = terminal.text()
    keep('status-watch.txt', final)
    keep('status-watch.json', (await status('-n', WHERE, '--json')).stdout)
    expect(final).not.toContain('legacy')
    expect(final).toContain('two-roles')
    expect(final.split('\n').length).toBeLessThanOrEqual(29)
    // Nothing has scrolled away: every picture was painted over the one before.
    expect(terminal.above()).toEqual([])
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(0)
    expect(lineOf(terminal.text(), 'Next: ')).not.toBe('')
  } finally {
    terminal.kill()
  }
})
