import { formatTable } from '../terminal/table.ts'
import type { Manifest } from './deployment.ts'
import type { Mapping } from './node.ts'

/** The pod with its sidecar folded to what one wants to know of it first. */
export function foldSidecar(pod: Manifest): Manifest {
  const spec = pod['spec'] as { readonly initContainers?: readonly Manifest[] }
  const fold = ({ name, image, restartPolicy, ...rest }: Manifest): Manifest =>
    name === 'lanyard'
      ? { name, image, restartPolicy, '...': `${Object.keys(rest).length} more fields, with --full` }
      : { name, image, restartPolicy, ...rest }
  return { ...pod, spec: { ...spec, initContainers: spec.initContainers?.map(fold) } }
}

/** Where the places of the pod are: what lies below the demo's directory is shown relative to it. */
export function mappingTable(root: string, mappings: Readonly<Record<string, Mapping>>): string {
  const rows = Object.entries(mappings).flatMap(([container, mapping]) =>
    mapping.map(({ inPod, here }) => [container, inPod, here.startsWith(root) ? `.${here.slice(root.length)}` : here]),
  )
  return `Below, . is ${root}\n\n${formatTable(rows)}`
}

const SHOWN = /^lanyard_(credentials|sts_request_duration_seconds_count|endpoint_requests_total)/

/** The lines that the story is about, without the roles, which make them too wide for a terminal. */
export const shortMetrics = (text: string): string =>
  text
    .split('\n')
    .filter((line) => SHOWN.test(line) && !line.endsWith(' 0'))
    .map((line) => line.replace(/role="[^"]*"/, 'role="…"'))
    .join('\n')
