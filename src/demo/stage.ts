import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../errors/index.ts'
import { type Stoppable, startChild } from './child.ts'
import { freePort } from './node.ts'
import { type Outside, startOutside } from './outside.ts'

/** Where the programs of the demo are: as sources or as built. */
export type Programs = {
  readonly node: string
  readonly lanyard: string
  readonly sidecar: string
  readonly wait: string
  readonly app: string
}

/** Everything that the story needs around it, and that must be gone at its end. */
export type Stage = {
  readonly root: string
  readonly outside: Outside
  readonly programs: Programs
  /** Keeps a process until the curtain. */
  readonly keep: <C extends Stoppable>(child: C) => C
  readonly strike: () => Promise<void>
}

export async function setStage(programs: Programs, trusted?: string): Promise<Stage> {
  const root = makeRoot()
  const outside = await startOutside(Date.now, trusted)
  const children: Stoppable[] = []
  let struck = false
  const keep = <C extends Stoppable>(child: C): C => {
    children.push(child)
    // The story goes on for a moment where it was interrupted.
    if (struck) void child.stop()
    return child
  }
  const strike = async (): Promise<void> => {
    struck = true
    await Promise.all(children.map((child) => child.stop()))
    await outside.stop()
    rmSync(root, { recursive: true, force: true })
  }
  return { root, outside, programs, keep, strike }
}

function makeRoot(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'lanyard-demo-'))
  } catch (thrown) {
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
    throw new Failure({
      code: 'DemoFailed',
      message: `no directory can be made in ${tmpdir()} (${reason})`,
      fix: 'Set TMPDIR to a directory that can be written',
    })
  }
}

/** Starts the real webhook, as a process of its own, with a certificate of the demo's authority. Answers its URL. */
export async function startDemoWebhook({ root, outside, programs, keep }: Stage): Promise<string> {
  const directory = join(root, 'webhook')
  mkdirSync(directory)
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const { cert, key } = await outside.ca.issue(['127.0.0.1'])
  const [port, metricsPort] = [await freePort(), await freePort()]
  // JSON is YAML.
  const config = JSON.stringify({
    webhook: { address: '127.0.0.1', port, metricsPort, drain: '0s' },
    tls: { certFile: file('tls.crt', cert), keyFile: file('tls.key', key) },
    sidecar: { image: 'lanyard:demo', startGateSeconds: 10 },
    sources: { enabled: false },
    aws: { region: 'eu-west-1', stsEndpoint: outside.sts.url, stsCaFile: file('sts-ca.pem', outside.ca.pem) },
  })
  const command = [programs.node, programs.lanyard, 'webhook', '--config', file('config.yaml', config)]
  const webhook = keep(startChild({ command, env: {}, cwd: directory }, 'the webhook'))
  await webhook.said(/"msg":"webhook started"/)
  return `https://127.0.0.1:${port}`
}
