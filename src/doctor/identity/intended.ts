import { type PodIdentity, planSessions } from '../../federation/index.ts'
import { readPodVariables } from '../../settings/index.ts'
import { subjectOf } from '../../trust/index.ts'
import type { Intended } from './types.ts'

export type Told = {
  /** `pod/web`, for messages. */
  readonly title: string
  readonly pod: PodIdentity
  /** The sidecar's variables: literal ones, as the webhook writes them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** STS of AWS, in each partition: other hosts below these domains are anybody's. */
const AWS_HOST =
  /^(vpce-[\w-]+\.)?sts(-fips)?(\.[\w-]+)?(\.vpce)?\.(amazonaws\.(com(\.cn)?|eu)|api\.aws|api\.amazonwebservices\.(com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/

/** What a sidecar is told, as far as it can be read; undefined where it has no role, audience or region. */
export function intendedOf({ title, pod, env }: Told): Intended | undefined {
  const { values } = readPodVariables(env)
  const { audience, region, stsEndpoint, identityProvider } = values
  if (audience === undefined || region === undefined) return undefined
  const roles = planSessions(values, pod).flatMap(({ name, hop }) =>
    hop.kind === 'identity'
      ? [{ session: name, roleArn: hop.request.roleArn, durationSeconds: hop.request.durationSeconds }]
      : [],
  )
  if (roles.length === 0) return undefined
  return {
    title,
    namespace: pod.namespace,
    roles,
    audience,
    subject: subjectOf(pod.namespace, pod.serviceaccount),
    region,
    stsEndpoint,
    isAws: stsEndpoint === undefined || AWS_HOST.test(hostOf(stsEndpoint)),
    provider: identityProvider,
  }
}

/** With a port where it has another than https. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '')
