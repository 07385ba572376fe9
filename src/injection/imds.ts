/** What IMDS cannot do: it is asked without a secret, so that each container of the pod has the role, and they have one. */
import type { Problem } from '../errors/index.ts'
import { EKS_PREFIX } from '../settings/index.ts'
import { about } from './asked.ts'
import type { Basis } from './basis.ts'
import { skippedByEks } from './sources.ts'

export function imdsProblems(basis: Basis): readonly Problem[] {
  if (basis.settings.delivery !== 'imds') return []
  const isShared = basis.context.config['imds.sharedByPod']
  return [...(isShared ? [] : choices(basis)), ...severalRoles(basis), ...namesApart(basis)]
}

/** Each of what says that some containers are to have the role and others not. */
function choices({ pod, asked, context }: Basis): readonly Problem[] {
  const message = 'it chooses containers, and the protocol is imds, by which each has the role'
  const keys = (['containers', 'containerRoles'] as const).filter((key) => asked.values[key] !== undefined)
  const own = keys.map((key) => about(asked, key, 'ImdsSharedByPod', message))
  const field = `metadata.annotations[${EKS_PREFIX}skip-containers]`
  return skippedByEks(pod, context).size === 0 ? own : [...own, { code: 'ImdsSharedByPod', field, message }]
}

function severalRoles({ targets, asked, settings }: Basis): readonly Problem[] {
  // The common role with a chain behind it is another than the same one without.
  const chain = settings.chain?.roles.join(' ') ?? ''
  const count = new Set(targets.map(({ roleArn, own }) => (own || chain === '' ? roleArn : `${roleArn} ${chain}`))).size
  if (count < 2) return []
  const message = `the containers are to have ${count} roles, and the protocol is imds, by which the pod has one`
  return [about(asked, 'containerRoles', 'ImdsSeveralRoles', message)]
}

function namesApart({ asked, settings, context: { config } }: Basis): readonly Problem[] {
  if (!settings.sessionName.includes('{container}')) return []
  const whose = asked.values.sessionName === undefined ? "the operator's" : 'the'
  const message = `IMDS cannot tell containers apart, and ${whose} session name has {container}`
  const other = config['defaults.lockSessionName'] ? '' : ', or set lanyard.dev/session-name to one without {container}'
  const fix = `Remove lanyard.dev/protocol: "imds"${other}.`
  return [about(asked, 'protocol', 'AnnotationsConflict', message, fix)]
}

export function imdsWarnings(basis: Basis): readonly string[] {
  if (basis.settings.delivery !== 'imds' || choices(basis).length === 0) return []
  return ['the protocol is imds: every container of the pod can have the role, whichever are chosen']
}
