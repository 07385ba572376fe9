/** Everything in the pod that stands in the way of what is asked. */
import type { Problem } from '../errors/index.ts'
import { type Asked, directConflicts } from './asked.ts'
import { clientWarnings } from './clients.ts'
import {
  mountProblems,
  nameProblems,
  type Placed,
  placedContainers,
  portProblems,
  readOnlyVolumes,
} from './collisions.ts'
import { listenerWarnings, sharedTokenWarnings, sharingProblems } from './isolation.ts'
import { directProblems } from './permission.ts'
import { modeOf } from './plan.ts'
import { placeWarnings } from './position.ts'
import type { InjectionContext, InjectionSettings, Pod } from './types.ts'
import { judgeEnv } from './winners.ts'

export type Found = { readonly problems: readonly Problem[]; readonly warnings: readonly string[] }

type Basis = {
  readonly pod: Pod
  /** Names of the containers that are to have credentials. */
  readonly names: ReadonlySet<string>
  readonly settings: InjectionSettings
  readonly asked: Asked
  readonly context: InjectionContext
}

export function findObstacles(basis: Basis): Found {
  const { pod, names, asked, context } = basis
  const placed = placedContainers(pod)
  const readOnly = readOnlyVolumes(pod)
  const isTarget = ({ container }: Placed): boolean => names.has(container.name)
  const found: readonly Found[] = [
    modeOf(asked) === 'sidecar' ? ofSidecar(basis, placed) : ofDirect(asked, context),
    { problems: nameProblems(placed), warnings: [] },
    { problems: placed.flatMap((one) => mountProblems(one, isTarget(one), readOnly)), warnings: [] },
    ...placed.filter(isTarget).map((one) => judgeEnv(one, modeOf(asked), context)),
  ]
  return {
    problems: found.flatMap(({ problems }) => problems),
    warnings: found.flatMap(({ warnings }) => warnings),
  }
}

function ofSidecar({ pod, names, settings, asked, context }: Basis, placed: readonly Placed[]): Found {
  const sharing = sharingProblems(pod, asked.values, context)
  const targets = placed.filter(({ container }) => names.has(container.name))
  return {
    problems: [...sharing.problems, ...portProblems(placed, settings)],
    warnings: [
      ...sharing.warnings,
      ...listenerWarnings(pod, asked.values),
      ...placeWarnings(pod, context),
      ...targets.flatMap(({ container }) => clientWarnings(container)),
    ],
  }
}

function ofDirect(asked: Asked, context: InjectionContext): Found {
  const conflicts = directConflicts(asked)
  return {
    problems: [...directProblems(asked, context), ...conflicts.problems],
    warnings: [...conflicts.warnings, ...sharedTokenWarnings(asked.values)],
  }
}
