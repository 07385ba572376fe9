import { Failure } from '../errors/index.ts'
import {
  type Attempt,
  checkAuthorities,
  chooseEndpoint,
  explainAttempt,
  type Sts,
  type StsOptions,
  startTimer,
  type WebIdentityRequest,
} from '../federation/index.ts'
import { readAnswer } from './answer.ts'
import { bare, portOf, type Way } from './connection.ts'
import { exchange } from './exchange.ts'
import { formOf } from './form.ts'
import { readHttp } from './httpAnswer.ts'
import { endpointOf } from './partitions.ts'
import { isExcepted } from './tunnel.ts'

/**
 * STS by TLS and nothing else: the one call that a pod with a service account makes, which no signature is needed for. One
 * attempt a call, nothing from the environment, https only. Throws Failure SettingInvalid for a region, an endpoint or an
 * authority that cannot be used; its call throws the Failures of federation's tables.
 */
export function createDirectSts(options: StsOptions): Sts {
  const endpoint = chooseEndpoint(endpointOf, options)
  const caller: Caller = { ...options, endpoint, way: wayTo(new URL(endpoint), options) }
  return {
    assumeRoleWithWebIdentity: (request, signal) => send(caller, request, signal),
    assumeRoleWithSaml: () => Promise.reject(unknown('AssumeRoleWithSAML')),
    assumeRole: () => Promise.reject(unknown('AssumeRole')),
  }
}

type Caller = StsOptions & { readonly endpoint: string; readonly way: Way }

/** Whoever needs them has another program. */
const unknown = (operation: string): Failure =>
  new Failure({ code: 'Internal', message: `${operation} was asked of a program that does not know it` })

function wayTo(url: URL, { ca, proxy, noProxy = [] }: StsOptions): Way {
  const [host, port] = [bare(url.hostname), portOf(url)]
  const isDirect = proxy === undefined || isExcepted(host, port, noProxy)
  return {
    host,
    port,
    ca: ca === undefined ? undefined : checkAuthorities(ca, 'STS certificate authority'),
    proxy: isDirect ? undefined : new URL(proxy),
  }
}

async function send(caller: Caller, request: WebIdentityRequest, outer: AbortSignal) {
  const { endpoint, connectTimeout, totalTimeout, way, now } = caller
  const timer = startTimer(totalTimeout, outer)
  const attempt: Attempt = {
    operation: 'AssumeRoleWithWebIdentity',
    endpoint,
    roleArn: request.roleArn,
    secrets: [request.token],
    connectTimeout,
    totalTimeout,
    timer,
  }
  try {
    const timing = { connectTimeout, signal: timer.signal }
    const answer = await exchange(textOf(request, caller), readHttp(attempt), way, timing)
    return readAnswer(answer, attempt, now())
  } catch (thrown) {
    throw explainAttempt(thrown, attempt)
  } finally {
    timer.stop()
  }
}

/** RFC 9112, section 3. Without keep-alive: between two calls lies half an hour. */
function textOf(request: WebIdentityRequest, { endpoint, version }: Caller): string {
  const form = formOf(request)
  const { host, pathname } = new URL(endpoint)
  const head = [
    `POST ${pathname.replace(/\/+$/, '')}/ HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${version === undefined ? 'lanyard' : `lanyard/${version}`}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(form)}`,
    'Accept-Encoding: identity',
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${form}`
}
