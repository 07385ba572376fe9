import { parseArgs } from 'node:util'

export const servers = ['ceph', 'minio'] as const
export type ServerName = (typeof servers)[number]

export const help = `Whether the sidecar gets on with real servers that speak like AWS STS.

Usage:
  npm run servers -- [--only NAME,…]

Flags:
  --only   These servers alone: ${servers.join(', ')}.
  --help   This text.

Each server is started on loopback with TLS, and asked by a sidecar in a process of its
own, as a pod has it. An unmodified AWS SDK puts and gets objects with what the sidecar
serves; tokens that are wrong are refused. What is missing is installed: Ceph from Debian's
packages (radosgw, ceph-mon, ceph-osd, ceph-common), MinIO from its Go module, which takes
minutes the first time.
Exit codes: 0 all is as expected, 1 something is not, or a server could not be started,
2 called wrongly.
`

export class UsageError extends Error {}

export type Options = { readonly help: boolean; readonly chosen: readonly ServerName[] }

/** Throws UsageError with a sentence for whoever called. */
export function readOptions(argv: readonly string[]): Options {
  const { only, help } = parse(argv)
  if (only === undefined) return { help, chosen: servers }
  const names = only.split(/[\s,]+/).filter((name) => name !== '')
  const unknown = names.find((name) => !servers.some((known) => known === name))
  if (unknown !== undefined || names.length === 0)
    throw new UsageError(`--only: there is no ${unknown ?? 'name in it'}; there are ${servers.join(', ')}`)
  return { help, chosen: servers.filter((name) => names.includes(name)) }
}

function parse(argv: readonly string[]): { readonly only?: string | undefined; readonly help: boolean } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
    })
    return values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
