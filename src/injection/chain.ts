/** Roles that are assumed after the first: who they are for, and what STS would not do with them. */
import type { Problem } from '../errors/index.ts'
import { annotationOf, LONGEST_CHAINED_SECONDS, type PodKey, type PodValues } from '../settings/index.ts'
import { type Asked, about } from './asked.ts'
import type { Chain, InjectionSettings, Target } from './types.ts'

export function chainOf(values: PodValues): Chain | undefined {
  const { assumeRoleArn: roles, assumeRoleExternalId: externalId, assumeRoleTags: tags, sourceIdentity } = values
  if (roles === undefined) return undefined
  return {
    roles,
    ...(externalId !== undefined && { externalId }),
    ...(tags !== undefined && { tags }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  }
}

/** Who has a role of his own has that one: the chain goes on from the common role, where somebody has it. */
export const chainFor = (targets: readonly Target[], { chain }: InjectionSettings): Chain | undefined =>
  targets.some(({ own }) => !own) ? chain : undefined

const OF_CHAIN = ['assumeRoleExternalId', 'assumeRoleTags', 'sourceIdentity'] as const satisfies readonly PodKey[]

/** A source identity is no part of the role statement: beside the pod, it is said for those that have a chain. */
const isMeant = (key: PodKey, asked: Asked): boolean => key !== 'sourceIdentity' || asked.isOwn(key)

/** It is there and does not parse, which is told already. */
const isWrong = (asked: Asked, key: PodKey): boolean => asked.problems.some(({ field }) => field === asked.fieldOf(key))

export function chainProblems(asked: Asked): readonly Problem[] {
  const { assumeRoleArn, roleArn, sessionDuration } = asked.values
  const said = annotationOf('assumeRoleArn')
  if (assumeRoleArn === undefined) {
    if (isWrong(asked, 'assumeRoleArn')) return []
    return OF_CHAIN.filter((key) => asked.values[key] !== undefined && isMeant(key, asked)).map((key) =>
      about(
        asked,
        key,
        'AnnotationsConflict',
        `it is for the roles of ${said}, which is absent`,
        `Add ${said}, or remove this one.`,
      ),
    )
  }
  const problems: Problem[] = []
  if (roleArn === undefined && !isWrong(asked, 'roleArn')) {
    const message = `it goes on from ${annotationOf('roleArn')}, which is absent`
    problems.push(about(asked, 'assumeRoleArn', 'AnnotationsConflict', message, `Add ${annotationOf('roleArn')}.`))
  }
  if (sessionDuration !== undefined && sessionDuration > LONGEST_CHAINED_SECONDS) {
    const message = `with ${said} a session lasts an hour at most, and STS refuses more`
    problems.push(about(asked, 'sessionDuration', 'ChainDurationTooLong', message))
  }
  return problems
}
