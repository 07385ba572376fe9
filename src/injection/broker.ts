/** The container that gets credentials on behalf of the app's own users: beside the sidecar, in pods that ask for it. */
import type { Problem } from '../errors/index.ts'
import {
  annotationOf,
  bytesOf,
  LONGEST_VARIABLE,
  NOT_FOR_PODS,
  type PodValues,
  recordsText,
  type UserProvider,
  type UserRole,
  variableOf,
} from '../settings/index.ts'
import { about } from './asked.ts'
import type { Basis } from './basis.ts'
import {
  BROKER,
  BROKER_COMMAND,
  LOOPBACK,
  literal,
  PATHS,
  TERMINATION_LOG,
  USER_TOKEN_FILE,
  USER_VARIABLES,
  VOLUMES,
} from './layout.ts'
import { downward, literals, ownContainer, variableOfPod } from './ownContainer.ts'
import { matchesAny } from './patterns.ts'
import { gateOf, outboundTexts, type Parts, stsOf } from './sidecar.ts'
import type { Container, EnvVar, InjectionContext, UserCredentials, VolumeMount } from './types.ts'

/** Undefined where the pod does not ask, or where there is nothing for its namespace. */
export function userCredentialsOf(values: PodValues, context: InjectionContext): UserCredentials | undefined {
  if (values.userCredentials !== true) return undefined
  const { config, namespace } = context
  const roles = filtered(config.userRoles, ({ namespaces }: UserRole) => matchesAny(namespace, namespaces))
  if (roles.size === 0) return undefined
  const named = new Set([...roles.values()].flatMap(({ providers }) => providers))
  const providers = filtered(config.userProviders, (_: UserProvider, name) => named.has(name))
  return {
    port: config['userCredentials.port'],
    metricsPort: config['userCredentials.metricsPort'],
    providers: textOf(providers),
    roles: textOf(roles),
  }
}

const filtered = <T>(
  records: ReadonlyMap<string, T> | undefined,
  isWanted: (record: T, name: string) => boolean,
): ReadonlyMap<string, T> => new Map([...(records ?? [])].filter(([name, record]) => isWanted(record, name)))

const textOf = (records: ReadonlyMap<string, UserProvider | UserRole>): string =>
  recordsText(new Map([...records].map(([name, { texts = {} }]) => [name, texts])), NOT_FOR_PODS)

/**
 * The app waits for its tokens, as it does for those of the sidecar: kubelet would make the directories of containers that
 * start before them, and they would be root's.
 */
export function brokerContainer(parts: Parts, user: UserCredentials): Container {
  const { settings, context } = parts
  const gate = gateOf(parts, user.metricsPort)
  const forGate = [
    [variableOfPod('metricsPort'), String(user.metricsPort)],
    [variableOf('startGate.seconds'), String(gate.seconds)],
  ] as const
  const texts = textsOf(parts, user).map(([key, text]) => [variableOf(key), text] as const)
  return ownContainer(
    {
      name: BROKER,
      command: BROKER_COMMAND,
      env: [...literals([...texts, ...forGate]), ...downward(['pod.namespace'])],
      port: { name: 'lanyard-users', number: user.metricsPort },
      gate: gate.fields,
      mounts: [{ name: VOLUMES.broker, mountPath: PATHS.broker }],
    },
    settings,
    context,
  )
}

function textsOf({ targets, settings, context }: Parts, user: UserCredentials) {
  const { config } = context
  const sts = stsOf(settings)
  return [
    ['log.level', config['sidecar.logLevel']],
    ['broker.port', String(user.port)],
    ['broker.metricsPort', String(user.metricsPort)],
    ['broker.containers', targets.map(({ container }) => container).join(' ')],
    ['broker.tokensDirectory', PATHS.broker],
    ['broker.providers', user.providers],
    ['broker.roles', user.roles],
    ['broker.requestsPerMinute', String(config['userCredentials.requestsPerMinute'])],
    ['broker.requestsPerSecond', String(config['userCredentials.requestsPerSecond'])],
    ['broker.cacheEntries', String(config['userCredentials.cacheEntries'])],
    ['sts.region', sts.region],
    ['sts.endpoint', sts.endpoint],
    ...outboundTexts(context),
    ['termination.log', TERMINATION_LOG],
  ] as const
}

/** By which an app asks; no SDK knows these. */
export const userEnv = ({ port }: UserCredentials): readonly EnvVar[] => [
  { name: USER_VARIABLES[0], value: `http://${LOOPBACK}:${port}/v1/user-credentials` },
  { name: USER_VARIABLES[1], value: USER_TOKEN_FILE },
]

export const userMount = (container: string): VolumeMount => ({
  name: VOLUMES.broker,
  mountPath: PATHS.user,
  readOnly: true,
  subPath: container,
})

export function userProblems({ asked, settings, context }: Basis): readonly Problem[] {
  if (asked.values.userCredentials !== true) return []
  if (settings.user === undefined) {
    const message = `the operator has set up no role for users of apps in namespace ${context.namespace}`
    return [about(asked, 'userCredentials', 'UserCredentialsNotAvailable', message)]
  }
  const { credentialsPort, metricsPort, user } = settings
  const size = Math.max(...[user.providers, user.roles].map((text) => bytesOf(literal(text))))
  if (size > LONGEST_VARIABLE) {
    const message = `what the operator has set up for namespace ${context.namespace} has ${size} bytes, more than a variable holds`
    return [about(asked, 'userCredentials', 'UserCredentialsNotAvailable', message, 'Ask the operator to shorten it.')]
  }
  if (user.port === user.metricsPort) {
    const message = `the operator gave the broker the port ${user.port} for both of its servers`
    const fix = 'Ask the operator to set userCredentials.metricsPort to another.'
    return [about(asked, 'userCredentials', 'UserCredentialsNotAvailable', message, fix)]
  }
  const taken = [user.port, user.metricsPort].find((port) => port === credentialsPort || port === metricsPort)
  if (taken === undefined) return []
  const message = `the broker needs the port ${taken}, which the sidecar has here`
  const fix = `Change ${annotationOf('credentialsPort')} or ${annotationOf('metricsPort')}.`
  return [about(asked, 'userCredentials', 'AnnotationsConflict', message, fix)]
}
