/** What a pod shares with its node, or its containers with one another, so that a token per container separates nothing. */
import type { Problem } from '../errors/index.ts'
import type { PodValues } from '../settings/index.ts'
import { isRequired } from './permission.ts'
import { foreignContainers, list } from './pod.ts'
import type { Container, Delivery, InjectionContext, Pod } from './types.ts'

const isPerContainer = ({ containers, containerRoles }: PodValues): boolean =>
  containers !== undefined || containerRoles !== undefined

/** Whether containers have secrets of their own that keep them apart; by IMDS each has the one role of the pod anyway. */
const areApart = (values: PodValues, delivery: Delivery): boolean => isPerContainer(values) && delivery !== 'imds'

export function sharingProblems(
  pod: Pod,
  values: PodValues,
  delivery: Delivery,
  { config }: InjectionContext,
): { problems: Problem[]; warnings: string[] } {
  const { hostNetwork, hostPID, shareProcessNamespace } = pod.spec
  const problems: Problem[] = []
  if (hostNetwork)
    problems.push({ code: 'HostNetworkNotSupported', field: 'spec.hostNetwork', message: 'hostNetwork is true' })
  const shared = hostPID ? 'hostPID' : shareProcessNamespace ? 'shareProcessNamespace' : undefined
  if (shared === undefined) return { problems, warnings: [] }
  if (!areApart(values, delivery) && !isRequired(config)) {
    const reads = `${shared} lets every process of`
    const tokens = `${reads} the same user read the endpoint tokens of other containers`
    const identity = `${reads} the sidecar's user, ${config['sidecar.uid']}, read the identity token`
    return { problems, warnings: [delivery === 'imds' ? identity : tokens] }
  }
  const field = `spec.${shared}`
  const message = areApart(values, delivery)
    ? `${shared} is true, and containers are to have different credentials`
    : `${shared} is true, so the app could read the identity token, and the operator requires roles to be permitted`
  const fix = isRequired(config) ? { fix: `Remove ${shared} from the pod.` } : {}
  problems.push({ code: 'PidNamespaceShared', field, message, ...fix })
  return { problems, warnings: [] }
}

/** In direct mode the token itself is in the containers, and it is the same in each. */
export const sharedTokenWarnings = (values: PodValues): string[] =>
  isPerContainer(values)
    ? [
        'in direct mode a container that has the token can have every role that trusts the ServiceAccount, not its own alone',
      ]
    : []

const NET_RAW = ['NET_RAW', 'CAP_NET_RAW', 'ALL']
const includes = (capabilities: readonly string[] | null | undefined, any: readonly string[]): boolean =>
  list(capabilities).some((name) => any.includes(name.toUpperCase()))

/** Loopback is the pod's: who may open raw sockets, as root may by default, can listen to what others are given. */
export function listenerWarnings(pod: Pod, values: PodValues, delivery: Delivery): string[] {
  const containers = foreignContainers(pod)
  if (!areApart(values, delivery) || containers.length < 2) return []
  const able = containers.filter((container) => canListen(container, pod))
  if (able.length === 0) return []
  const names =
    able
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ') + (able.length > 3 ? ', …' : '')
  return [`raw sockets can read the credentials of other containers from loopback: drop NET_RAW in ${names}`]
}

function canListen({ securityContext }: Container, pod: Pod): boolean {
  const { privileged, capabilities, runAsUser, runAsNonRoot } = { ...pod.spec.securityContext, ...securityContext }
  if (privileged === true || includes(capabilities?.add, NET_RAW)) return true
  const isRoot = runAsNonRoot !== true && (runAsUser ?? 0) === 0
  return isRoot && !includes(capabilities?.drop, NET_RAW)
}
