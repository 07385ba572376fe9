import { createSts } from '../../src/aws/index.ts'
import { type Ground, intendedOf, type Outside, type Subject } from '../../src/doctor/index.ts'
import { Failure } from '../../src/errors/index.ts'
import { type ProxyOptions, parseIdentityToken, planSessions, webIdentity } from '../../src/federation/index.ts'
import { serviceAccountOf } from '../../src/injection/index.ts'
import { isObject, type JsonObject } from '../../src/json/index.ts'
import { readPodVariables, variableOf } from '../../src/settings/index.ts'
import { VERSION } from '../../src/version.ts'
import { TIMEOUTS } from '../sidecar/exchanges.ts'
import { systemClock } from '../systemClock.ts'
import { tryExchanges } from './exchange.ts'

const TOKEN_SECONDS = 600

/** A token of the ServiceAccount by the TokenRequest API, exchanged from this machine by its proxy; both are forgotten. */
export async function tryFromHere(
  ground: Ground,
  seen: Outside | undefined,
  signal: AbortSignal,
  proxy: ProxyOptions = {},
): ReturnType<typeof tryExchanges> {
  if (seen === undefined) return []
  const { subject, identity, env } = seen
  const { values } = readPodVariables(env)
  const { audience, region, stsEndpoint, identityProvider } = values
  if (audience === undefined || region === undefined || identityProvider !== undefined) return []
  const intended = intendedOf({ title: subject.title, pod: identity, env })
  await refuseForeign(ground, intended)
  const raw = await requestToken(ground, subject, audience)
  const stsOptions = {
    region,
    endpoint: stsEndpoint,
    // The public authorities are enough for AWS, whatever the pod says.
    ca: intended?.isAws === false ? env[variableOf('sts.ca')] : undefined,
    ...TIMEOUTS,
    ...proxy,
    now: systemClock.now,
    version: VERSION,
  }
  const sts = createSts(stsOptions)
  const source = async () => parseIdentityToken(raw, 'the TokenRequest')
  const plans = planSessions(values, identity)
  return await tryExchanges(
    { plans, stsOptions, sts, byIdentity: (request) => webIdentity(source, sts, request) },
    signal,
  )
}

/**
 * Whoever made the pod may have written into its sidecar what they like: a token goes to AWS, or to what the operator allows, and
 * nowhere else.
 */
async function refuseForeign(ground: Ground, intended: ReturnType<typeof intendedOf>): Promise<void> {
  if (intended?.isAws !== false || intended.stsEndpoint === undefined) return
  const config = (await ground.configuration())?.config
  const allowed = [config?.['aws.stsEndpoint'], ...(config?.['aws.allowedStsEndpoints'] ?? [])]
  if (allowed.includes(intended.stsEndpoint)) return
  throw new Failure({
    code: 'StsEndpointNotAllowed',
    field: intended.title,
    message: `its sidecar is told of ${intended.stsEndpoint}, which is neither AWS's nor the operator's: no token is sent there`,
    fix: 'Find out who made this pod, and why it names that address.',
  })
}

async function requestToken(ground: Ground, subject: Subject, audience: string): Promise<string> {
  const { namespace, pod } = subject
  const name = serviceAccountOf(pod)
  const place = {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
    title: `a token of ServiceAccount ${namespace}/${name}`,
  }
  const { status, value } = await ground.cluster.create(place, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds: TOKEN_SECONDS, ...boundTo(subject) },
  })
  const given = value['status']
  const token = typeof given === 'object' && given !== null && 'token' in given ? given.token : undefined
  if (status < 300 && typeof token === 'string') return token
  if (status === 409 || (status === 404 && isAboutPod(value)))
    throw new Failure({
      code: 'TargetMissing',
      field: subject.title,
      message: 'it has gone in the meantime, or was made anew',
      fix: 'Ask again.',
    })
  if (status !== 404) throw refused(place.title, status, value['message'])
  const fix = `Create the ServiceAccount ${name} in namespace ${namespace}, or name one that is there.`
  throw new Failure({
    code: 'ClusterAnswerInvalid',
    field: place.title,
    message: 'there is no such ServiceAccount',
    fix,
  })
}

/** The API server's own words say why, where it is neither the caller's rights nor its load. */
function refused(field: string, status: number, words: unknown): Failure {
  const said = typeof words === 'string' ? `: ${words.slice(0, 300)}` : ''
  const message = `create: HTTP ${status}${said}; the exchange cannot be tried from here`
  if (status === 401 || status === 403) return new Failure({ code: 'ClusterForbidden', field, message })
  if (status === 429 || status >= 500) return new Failure({ code: 'ClusterUnreachable', field, message })
  const fix = status < 300 ? 'Look at what stands before the API server.' : 'Do as the message says.'
  return new Failure({ code: 'ClusterAnswerInvalid', field, message, fix })
}

const isAboutPod = ({ details }: JsonObject): boolean => isObject(details) && details['kind'] === 'pods'

/** As the kubelet asks for a pod's: the token ends with the pod. */
function boundTo({ pod, isLive }: Subject): object {
  const { name, uid } = (pod['metadata'] ?? {}) as { readonly name?: string; readonly uid?: string }
  return isLive && name && uid ? { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } } : {}
}
