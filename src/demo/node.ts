import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Program } from './child.ts'
import { POD } from './deployment.ts'

/** What the demo's part of a kubelet reads of a container. */
export type Container = {
  readonly name: string
  readonly command: readonly string[]
  readonly env: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
  }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
  readonly lifecycle?: { readonly postStart: { readonly exec: { readonly command: readonly string[] } } }
}

/** One row per thing that is elsewhere than in a pod: paths, ports, executables. */
export type Mapping = readonly { readonly what: string; readonly inPod: string; readonly here: string }[]

/** A directory per volume of the pod, below `root`. */
export function makeVolumes(root: string, names: readonly string[]): (name: string) => string {
  for (const name of names) mkdirSync(join(root, 'volumes', name), { recursive: true })
  return (name) => join(root, 'volumes', name)
}

/** The table for one container: its mounts where the volumes are, the pod's ports and programs as they are here. */
export function mapContainer(container: Container, directoryOf: (volume: string) => string, shared: Mapping): Mapping {
  const mounts = container.volumeMounts.map(({ name, mountPath, subPath = '' }) => {
    const here = join(directoryOf(name), subPath)
    mkdirSync(here, { recursive: true })
    return { what: 'mount', inPod: mountPath, here }
  })
  return [...mounts, ...shared]
}

/** The container as a process of this machine: its command and its variables, with what the table maps put in place. */
export function asProcess(
  container: Container,
  mapping: Mapping,
  options: {
    readonly command: readonly string[]
    readonly cwd: string
    readonly fields: Readonly<Record<string, string>>
  },
): Program {
  const env: Record<string, string> = {}
  for (const { name, value = '', valueFrom } of container.env) {
    env[name] =
      valueFrom === undefined
        ? mapText(expand(value, env), mapping)
        : (options.fields[valueFrom.fieldRef.fieldPath] ?? '')
  }
  return { command: options.command.map((word) => mapText(word, mapping)), env, cwd: options.cwd }
}

/** As kubelet does: `$(NAME)` is replaced by an earlier variable, and `$$` stands for `$`. */
function expand(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  )
}

/** Longest first, so that a mount below another one wins; whole path parts and whole numbers only. */
function mapText(text: string, mapping: Mapping): string {
  const rows = [...mapping].sort((a, b) => b.inPod.length - a.inPod.length)
  const known = new Map(rows.map(({ inPod, here }) => [inPod, here]))
  const pattern = new RegExp(
    `(?<![\\w./-])(${rows.map(({ inPod }) => escapePattern(inPod)).join('|')})(?![\\w.-])`,
    'g',
  )
  return text.replace(pattern, (found) => known.get(found) ?? found)
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What the downward API tells this pod. */
export const downwardFields = (namespace: string, serviceAccount: string): Readonly<Record<string, string>> => ({
  'metadata.name': POD,
  'metadata.namespace': namespace,
  'metadata.uid': '3f8f9a52-5d0e-4f3a-9d5b-1c1f0a6a7e21',
  'spec.serviceAccountName': serviceAccount,
})

export const writeVolumeFile = (directory: string, name: string, text: string): void =>
  writeFileSync(join(directory, name), text)

/** A port of 127.0.0.1 that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
