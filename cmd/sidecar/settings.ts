import { Failure, failOn } from '../../src/errors/index.ts'
import { planSessions, type SessionPlan, sessionProblems } from '../../src/federation/index.ts'
import { type ConfigOf, type PodValues, podSettings, readConfig, readPodVariables } from '../../src/settings/index.ts'

export type Env = Readonly<Record<string, string | undefined>>
type Needed = 'audience' | 'region' | 'credentialsPort' | 'metricsPort'
export type SidecarSettings = {
  readonly config: ConfigOf<'sidecar'>
  readonly values: PodValues & Required<Pick<PodValues, Needed>>
  readonly plans: readonly SessionPlan[]
}

const ROLE = podSettings.roleArn.env
const ROLES = podSettings.containerRoles.env

/** All that the sidecar is told, from its variables. Throws Failure with every problem. */
export function readSettings(env: Env): SidecarSettings {
  const pod = readPodVariables(env)
  const process = readConfig('sidecar', { env })
  // Where a value does not parse, that it is missing is no news.
  const wrong = new Set(pod.problems.map(({ field }) => field))
  const others = sessionProblems(pod.values).filter(
    ({ field }) => !wrong.has(field) && !(field === ROLE && wrong.has(ROLES)),
  )
  failOn([...process.problems, ...pod.problems, ...others])
  const { values: config } = process
  const identity = {
    namespace: config['pod.namespace'],
    pod: config['pod.name'],
    serviceaccount: config['pod.serviceAccount'],
  }
  return { config, values: complete(pod.values), plans: planSessions(pod.values, identity) }
}

/** What `sessionProblems` has asked for: no default could stand for it. */
function complete(values: PodValues): SidecarSettings['values'] {
  const { audience, region, credentialsPort, metricsPort } = values
  if (audience === undefined || region === undefined || credentialsPort === undefined || metricsPort === undefined)
    throw new Failure({ code: 'Internal', message: 'a value that the sidecar needs was not asked for' })
  return { ...values, audience, region, credentialsPort, metricsPort }
}
