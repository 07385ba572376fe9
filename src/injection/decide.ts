import type { Problem } from '../errors/index.ts'
import type { PodValues, Read } from '../settings/index.ts'
import { fieldOf, isAddressed, isOptedOut, readAnnotations } from './annotations.ts'
import { mountProblems, nameProblems, type Placed, placedContainers, portProblems } from './collisions.ts'
import { judgeEnv } from './environment.ts'
import { listenerWarnings, sharingProblems } from './isolation.ts'
import { readPod } from './pod.ts'
import { keepsResources, raisedPodResources } from './resources.ts'
import { adviceOn, findContradictions, regionProblems, resolveSettings } from './settings.ts'
import { sidecarContainer, volumesFor } from './sidecar.ts'
import { commonContainers, placeWarnings, positionOf, selectTargets } from './targets.ts'
import type { Decision, InjectionContext, InjectionSettings, Plan, Pod, Target } from './types.ts'

/**
 * Whether a pod is injected, left alone or refused. Pure: the same pod and context give the same decision, on every pass.
 * `raw` is the pod as JSON, from whoever; nothing of it is changed.
 */
export function decide(raw: unknown, context: InjectionContext): Decision {
  const read = readPod(raw)
  if ('problems' in read) return { kind: 'deny', problems: read.problems, warnings: [] }
  const { pod } = read
  const annotations = pod.metadata.annotations ?? {}
  if (!isAddressed(annotations)) return { kind: 'skip', reason: 'NotRequested', warnings: [] }
  if (isOptedOut(annotations)) return { kind: 'skip', reason: 'OptedOut', warnings: [] }
  if (Object.hasOwn(annotations, 'kubernetes.io/config.mirror'))
    return { kind: 'skip', reason: 'MirrorPod', warnings: [] }
  if (isWindows(pod))
    return {
      kind: 'skip',
      reason: 'WindowsPod',
      warnings: ['Lanyard has no sidecar for Windows: this pod gets no credentials'],
    }
  return decideAsked(pod, annotations, context)
}

const isWindows = ({ spec }: Pod): boolean =>
  spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows'

function decideAsked(pod: Pod, annotations: Readonly<Record<string, string>>, context: InjectionContext): Decision {
  const asked = readAnnotations(annotations)
  const { values } = asked
  const isClear = isRoleClear(asked)
  const selection = isClear ? selectTargets(pod, values, context) : { targets: [], problems: [] }
  const names = isClear ? selection.targets.map(({ container }) => container) : likelyNames(pod, asked, context)
  const settings = resolveSettings(pod, values, context)
  const found = findObstacles(pod, new Set(names), settings, values, context)
  const contradictions = [
    ...findContradictions(values, settings, context),
    ...regionProblems(selection.targets, settings),
  ]
  const problems = [
    ...asked.problems,
    ...selection.problems,
    ...withoutRepeats(contradictions, asked),
    ...found.problems,
  ]
  if (problems.length > 0) return { kind: 'deny', problems, warnings: found.warnings }
  const warnings = [...found.warnings, ...adviceOn(settings)]
  return { kind: 'inject', plan: planFor(pod, selection.targets, { settings, values, context }), warnings }
}

/** Where the annotations that say the role are themselves wrong or misspelt, "no role" would only blur the message. */
function isRoleClear({ values, problems }: Read<PodValues>): boolean {
  const fields = (['roleArn', 'containers', 'containerRoles', 'inject'] as const).map(fieldOf)
  const isSilent = values.roleArn === undefined && values.containerRoles === undefined
  return !problems.some(({ code, field = '' }) => fields.includes(field) || (isSilent && code === 'AnnotationUnknown'))
}

/** Who would get credentials if the role were right, so that what else is wrong is said now and not the next time. */
function likelyNames(pod: Pod, { values, problems }: Read<PodValues>, context: InjectionContext): readonly string[] {
  const unclear = (['containers', 'containerRoles'] as const).map(fieldOf)
  return problems.some(({ field = '' }) => unclear.includes(field)) ? [] : commonContainers(pod, values, context)
}

/** Without those about an annotation that is wrong in itself. */
const withoutRepeats = (problems: readonly Problem[], asked: Read<PodValues>): readonly Problem[] =>
  problems.filter(({ field }) => !asked.problems.some((problem) => problem.field === field))

type Found = { problems: Problem[]; warnings: string[] }

/** Everything in the pod that stands in the way, container by container. */
function findObstacles(
  pod: Pod,
  names: ReadonlySet<string>,
  settings: InjectionSettings,
  values: PodValues,
  context: InjectionContext,
): Found {
  const placed = placedContainers(pod)
  const isTarget = ({ container }: Placed): boolean => names.has(container.name)
  const sharing = sharingProblems(pod, values)
  const env = placed.filter(isTarget).map((one) => judgeEnv(one, context))
  return {
    problems: [
      ...sharing.problems,
      ...nameProblems(placed),
      ...placed.flatMap((one) => mountProblems(one, isTarget(one), pod)),
      ...portProblems(placed, settings),
      ...env.flatMap(({ problems }) => problems),
    ],
    warnings: [
      ...sharing.warnings,
      ...listenerWarnings(pod, values),
      ...placeWarnings(pod, context),
      ...env.flatMap(({ warnings }) => warnings),
    ],
  }
}

type Basis = { readonly settings: InjectionSettings; readonly values: PodValues; readonly context: InjectionContext }

function planFor(pod: Pod, targets: readonly Target[], { settings, values, context }: Basis): Plan {
  const podResources = raisedPodResources(pod, settings.resources)
  const roles = Object.fromEntries(targets.map(({ container, roleArn }) => [container, roleArn]))
  return {
    targets,
    settings,
    sidecar: sidecarContainer({ pod, targets, settings, context }),
    position: positionOf(pod, context.config['sidecar.meshContainers']),
    volumes: volumesFor(settings),
    ...(podResources === undefined ? {} : { podResources }),
    keepsResources: keepsResources(pod, values, settings.resources),
    acceptedImages: context.config['sidecar.acceptedImages'] ?? [],
    status: JSON.stringify({ version: context.version, mode: 'sidecar', roles }),
  }
}
