import type { Problem } from '../errors/index.ts'
import { type Asked, isAddressed, isAsked, readAsked } from './asked.ts'
import { userProblems } from './broker.ts'
import { identityProblems, identityWarnings } from './identity.ts'
import { imdsProblems, imdsWarnings } from './imds.ts'
import { findObstacles } from './obstacles.ts'
import { permissionProblems } from './permission.ts'
import { planFor } from './plan.ts'
import { isMirror, isWindows, readPod } from './pod.ts'
import { adviceOn, findContradictions, regionProblems, resolveSettings } from './settings.ts'
import { sourcesOf } from './sources.ts'
import { commonContainers, noSelection, selectTargets } from './targets.ts'
import type { Decision, InjectionContext, Pod } from './types.ts'

/**
 * Whether a pod is injected, left alone or refused. Pure: the same pod and context give the same decision, on every pass.
 * `raw` is the pod as JSON, from whoever; nothing of it is changed.
 */
export function decide(raw: unknown, context: InjectionContext): Decision {
  const read = readPod(raw)
  if ('problems' in read) return { kind: 'deny', problems: read.problems, warnings: [] }
  const { pod } = read
  const sources = sourcesOf(pod, context)
  if (!isAsked(sources)) return { kind: 'skip', reason: 'NotRequested', warnings: [] }
  const asked = readAsked(sources)
  if (asked.values.inject === false) return { kind: 'skip', reason: 'OptedOut', warnings: [] }
  if (isMirror(pod)) return { kind: 'skip', reason: 'MirrorPod', warnings: [] }
  if (isWindows(pod)) {
    const warning = 'Lanyard has no sidecar for Windows: this pod gets no credentials'
    return { kind: 'skip', reason: 'WindowsPod', warnings: [warning] }
  }
  return decideAsked(pod, asked, context)
}

function decideAsked(pod: Pod, asked: Asked, context: InjectionContext): Decision {
  const isClear = isRoleClear(asked)
  const selection = isClear ? selectTargets(pod, asked, context) : noSelection
  if (isNobodys(pod, selection)) return { kind: 'skip', reason: 'NothingToInject', warnings: [NOTHING] }
  const { targets } = selection
  const names = isClear ? targets.map(({ container }) => container) : likelyNames(pod, asked, context)
  const settings = resolveSettings(pod, asked.values, context)
  const basis = { pod, targets, settings, asked, context }
  const found = findObstacles({ ...basis, names: new Set(names) })
  const contradictions = [
    ...findContradictions(asked, settings, context),
    ...imdsProblems(basis),
    ...identityProblems(basis),
    ...userProblems(basis),
    ...regionProblems(targets, asked, settings, context),
    ...permissionProblems(targets, asked, context),
  ]
  const problems = [
    ...asked.problems,
    ...selection.problems,
    ...withoutRepeats(contradictions, asked),
    ...withoutRepeats(found.problems, asked),
  ]
  if (problems.length > 0) return { kind: 'deny', problems, warnings: found.warnings }
  const advice = [...imdsWarnings(basis), ...identityWarnings(basis), ...adviceOn(settings, context)]
  const warnings = [...found.warnings, ...selection.warnings, ...advice]
  return { kind: 'inject', plan: planFor(basis), warnings }
}

const NOTHING = 'what the ServiceAccount or the namespace says about roles fits no container of this pod: it gets none'

/** A pod that did not ask itself is not refused for having none of the containers that others speak of. */
const isNobodys = ({ metadata }: Pod, { problems }: typeof noSelection): boolean =>
  !isAddressed(metadata.annotations ?? {}) && problems.some(({ code }) => code === 'NoTargetContainer')

/** Where the annotations that say the role are themselves wrong or misspelt, "no role" would only blur the message. */
function isRoleClear({ values, problems, fieldOf }: Asked): boolean {
  const fields = (['roleArn', 'containers', 'containerRoles', 'inject'] as const).map(fieldOf)
  const isSilent = values.roleArn === undefined && values.containerRoles === undefined
  return !problems.some(({ code, field = '' }) => fields.includes(field) || (isSilent && code === 'AnnotationUnknown'))
}

/** Who would get credentials if the role were right, so that what else is wrong is said now and not the next time. */
function likelyNames(pod: Pod, asked: Asked, context: InjectionContext): readonly string[] {
  const unclear = (['containers', 'containerRoles'] as const).map(asked.fieldOf)
  return asked.problems.some(({ field = '' }) => unclear.includes(field)) ? [] : commonContainers(pod, asked, context)
}

/** Without those about an annotation that is wrong in itself. */
const withoutRepeats = (problems: readonly Problem[], asked: Asked): readonly Problem[] =>
  problems.filter(({ field }) => !asked.problems.some((problem) => problem.field === field))
