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
import { PATHS } from './layout.ts'
import { directProblems } from './permission.ts'
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
  const { delivery } = basis.settings
  const placed = placedContainers(pod)
  const readOnly = readOnlyVolumes(pod)
  const isTarget = ({ container }: Placed): boolean => names.has(container.name)
  const { user } = basis.settings
  const mounted = [
    ...(delivery === 'imds' ? [] : [PATHS.app]),
    ...(user === undefined || delivery === 'direct' ? [] : [PATHS.user]),
  ]
  const found: readonly Found[] = [
    delivery === 'direct' ? ofDirect(asked, context) : ofSidecar(basis, placed),
    { problems: nameProblems(placed), warnings: [] },
    { problems: placed.flatMap((one) => mountProblems(one, isTarget(one) ? mounted : [], readOnly)), warnings: [] },
    ...placed.filter(isTarget).map((one) => judgeEnv(one, delivery, context)),
  ]
  return {
    problems: found.flatMap(({ problems }) => problems),
    warnings: found.flatMap(({ warnings }) => warnings),
  }
}

function ofSidecar({ pod, names, settings, asked, context }: Basis, placed: readonly Placed[]): Found {
  const { delivery } = settings
  const sharing = sharingProblems(pod, asked.values, delivery, context)
  const targets = placed.filter(({ container }) => names.has(container.name))
  return {
    problems: [...sharing.problems, ...portProblems(placed, settings)],
    warnings: [
      ...sharing.warnings,
      ...listenerWarnings(pod, asked.values, delivery),
      ...placeWarnings(pod, settings, context),
      ...targets.flatMap(({ container }) => (delivery === 'imds' ? [] : clientWarnings(container))),
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
