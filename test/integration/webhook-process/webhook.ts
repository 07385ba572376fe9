import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { freePort, type Running, scratch, start } from '../../support/processes.ts'
import { pod, review } from '../../unit/webhook/reviews.ts'
import { type Reply, send } from '../webhook/client.ts'

export const ca = await createCertificateAuthority({ name: 'cluster', now: Date.now })
export const pair = await ca.issue(['127.0.0.1'])

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What an operator lays out for the webhook: a configuration and a certificate, in files. */
export type Layout = {
  readonly config: string
  readonly ports: { readonly webhook: number; readonly metrics: number }
  readonly path: (name: string) => string
  readonly write: (name: string, text: string) => string
  /** Replaces settings of the configuration, a section at a time. */
  readonly configure: (changes: Sections) => void
  readonly start: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Running
  readonly mutate: (object?: object) => Promise<Reply>
  readonly observe: (path: string) => Promise<Reply>
}

export async function layOut(changes: Sections = {}): Promise<Layout> {
  const directory = scratch()
  const path = (name: string): string => join(directory, name)
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text)
    return path(name)
  }
  const ports = { webhook: await freePort(), metrics: await freePort() }
  const usual = {
    webhook: { address: '127.0.0.1', port: ports.webhook, metricsPort: ports.metrics, drain: '0s' },
    tls: { certFile: write('tls.crt', pair.cert), keyFile: write('tls.key', pair.key) },
    sidecar: { image: 'lanyard:1' },
    sources: { enabled: false },
    aws: { region: 'eu-west-1' },
  }
  const config = path('config.yaml')
  const configure = (more: Sections): void => {
    const sections = Object.entries({ ...usual, ...more }).map(([name, section]) => [
      name,
      { ...(usual as Sections)[name], ...section },
    ])
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(Object.fromEntries(sections)))
  }
  configure(changes)
  return {
    config,
    ports,
    path,
    write,
    configure,
    start: (args = ['--config', config], env = {}) => start({ program: 'lanyard.ts', args: ['webhook', ...args], env }),
    mutate: (object = pod()) => send({ port: ports.webhook, ca: ca.pem, body: JSON.stringify(review({ object })) }),
    observe: (at) => send({ port: ports.metrics, path: at, method: 'GET' }),
  }
}

/** The lines of a log, parsed. */
export const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
