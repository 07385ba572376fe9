import { Failure, failOn, type Problem } from '../../src/errors/index.ts'
import { planSessions, type SessionPlan, sessionProblems } from '../../src/federation/index.ts'
import {
  type ConfigOf,
  type PodValues,
  podSettings,
  type Read,
  readConfig,
  readPodVariables,
  variableOf,
} from '../../src/settings/index.ts'

export type Env = Readonly<Record<string, string | undefined>>
type Needed = 'audience' | 'region' | 'credentialsPort' | 'metricsPort'
export type SidecarSettings = {
  readonly config: ConfigOf<'sidecar'>
  readonly values: PodValues & Required<Pick<PodValues, Needed>>
  readonly plans: readonly SessionPlan[]
}

const ROLE = podSettings.roleArn.env
const ROLES = podSettings.containerRoles.env
const PROVIDER = variableOf('provider.config')

/** All that the sidecar is told, from its variables. Throws Failure with every problem. */
export function readSettings(env: Env, { more }: { readonly more?: unknown }): SidecarSettings {
  const pod = readPodVariables(env)
  const isPlain = more === undefined
  // The plain program cannot even read what an identity provider is: its bundle is without.
  const process = readConfig('sidecar', { env: isPlain ? { ...env, [PROVIDER]: undefined } : env })
  const beyond = isPlain ? beyondPlain(pod.values, env[PROVIDER] !== undefined) : unnamed(pod.values, process)
  // Where a value does not parse, that it is missing is no news; where it is for another program, nor is how it is wrong.
  const wrong = new Set([...pod.problems, ...beyond].map(({ field }) => field))
  const others = sessionProblems(pod.values).filter(
    ({ field }) => !wrong.has(field) && !(field === ROLE && wrong.has(ROLES)),
  )
  failOn([...process.problems, ...pod.problems, ...others, ...beyond])
  const { values: config } = process
  const identity = {
    namespace: config['pod.namespace'],
    pod: config['pod.name'],
    serviceaccount: config['pod.serviceAccount'],
  }
  return { config, values: complete(pod.values), plans: planSessions(pod.values, identity) }
}

/** Of a provider that is named and not told of, the service account would be taken instead. */
function unnamed({ identityProvider }: PodValues, { values, problems }: Read<ConfigOf<'sidecar'>>): readonly Problem[] {
  const isTold = values['provider.config'] !== undefined || problems.some(({ field }) => field?.startsWith(PROVIDER))
  if (identityProvider === undefined || isTold) return []
  return [{ code: 'SettingMissing', field: PROVIDER, message: `it says what ${podSettings.identityProvider.env} is` }]
}

/** The plain program would give the app the first role, or another identity's. */
function beyondPlain({ assumeRoleArn, identityProvider }: PodValues, isConfigured: boolean): readonly Problem[] {
  const fields = [
    ...(assumeRoleArn === undefined ? [] : [podSettings.assumeRoleArn.env]),
    ...(identityProvider === undefined && !isConfigured ? [] : [podSettings.identityProvider.env]),
  ]
  const message = 'this program knows the service account alone'
  const fix = 'Run /app/federated.cjs: the webhook writes it as the command of such pods'
  return fields.map((field) => ({ code: 'SettingInvalid', field, message, fix }))
}

/** What `sessionProblems` has asked for: no default could stand for it. */
function complete(values: PodValues): SidecarSettings['values'] {
  const { audience, region, credentialsPort, metricsPort } = values
  if (audience === undefined || region === undefined || credentialsPort === undefined || metricsPort === undefined)
    throw new Failure({ code: 'Internal', message: 'a value that the sidecar needs was not asked for' })
  return { ...values, audience, region, credentialsPort, metricsPort }
}
