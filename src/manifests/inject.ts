import { toFailure } from '../errors/index.ts'
import type { AdmissionOutcome, JsonPatchOperation } from '../injection/index.ts'
import { pointerOf } from './json.ts'
import { patchText } from './render.ts'
import type { Manifest, Result, Verdict, Workload } from './types.ts'
import { objectsIn, workloadOf } from './workloads.ts'

export type InjectOptions = {
  /** The webhook's own decision. */
  readonly decide: (pod: unknown, namespace: string) => Promise<AdmissionOutcome>
  /** Of documents that name none. */
  readonly namespace: string
}

/** What becomes of each document. Rejects with what deciding throws. */
export async function injectManifests(
  manifests: readonly Manifest[],
  options: InjectOptions,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const manifest of manifests) {
    const verdicts: Verdict[] = []
    for (const workload of workloadsIn(manifest, options.namespace)) {
      verdicts.push({ workload, outcome: await judge(workload, options) })
    }
    results.push(write(manifest, verdicts))
  }
  return results
}

const workloadsIn = ({ value }: Manifest, namespace: string): readonly Workload[] =>
  value === undefined ? [] : objectsIn(value).flatMap((located) => workloadOf(located, namespace) ?? [])

async function judge(workload: Workload, { decide }: InjectOptions): Promise<AdmissionOutcome> {
  const { pod, namespace, template, lacksMetadata } = workload
  const outcome = await decide(pod, namespace)
  if (outcome.kind !== 'inject') return outcome
  const first: readonly JsonPatchOperation[] = lacksMetadata ? [{ op: 'add', path: '/metadata', value: {} }] : []
  return { ...outcome, patch: outcome.patch.length === 0 ? [] : moved([...first, ...outcome.patch], template) }
}

const moved = (patch: readonly JsonPatchOperation[], below: readonly string[]): readonly JsonPatchOperation[] =>
  patch.map((operation) => ({ ...operation, path: pointerOf(below) + operation.path }))

function write(manifest: Manifest, verdicts: readonly Verdict[]): Result {
  const asItIs = { manifest, verdicts, text: manifest.text, problems: [] }
  const patch = verdicts.flatMap(({ workload, outcome }) =>
    outcome.kind === 'inject' ? moved(outcome.patch, workload.place) : [],
  )
  if (patch.length === 0) return asItIs
  try {
    return { ...asItIs, text: patchText(manifest, patch) }
  } catch (thrown) {
    return { ...asItIs, problems: toFailure(thrown).problems }
  }
}
