import type { Problem } from '../errors/index.ts'
import type { Placed } from './collisions.ts'
import { APP_TOKEN_FILE } from './layout.ts'
import { list } from './pod.ts'
import type { Container, EnvVar, InjectionContext, InjectionSettings } from './types.ts'

const URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'
const LOOPBACK = '127.0.0.1'

const uriOf = (port: number): string => `http://${LOOPBACK}:${port}/v1/credentials`

/**
 * Tells which of a container's variables an earlier pass wrote; they are rebuilt rather than called a conflict. The token
 * file is surely ours; an address of that form may be another provider's, where our token file is not beside it.
 */
function oursIn(env: readonly EnvVar[]): (variable: EnvVar) => boolean {
  const isToken = ({ name, value }: EnvVar): boolean => name === TOKEN_FILE && value === APP_TOKEN_FILE
  const hasToken = env.some(isToken)
  const isUri = ({ name, value = '' }: EnvVar): boolean =>
    name === URI && /^http:\/\/127\.0\.0\.1:\d{1,5}\/v1\/credentials$/.test(value)
  return (variable) => isToken(variable) || (hasToken && isUri(variable))
}

/** The API server leaves an empty value out, and every SDK takes it for unset. */
const isEmpty = ({ value, valueFrom }: EnvVar): boolean => !value && !valueFrom

type Verdict = 'deny' | 'warn' | 'staticKeys'

/** What happens to variables of the app's that win over ours in the SDKs' chains, and why. Those not named are kept. */
const WINNERS: Readonly<Record<string, readonly [Verdict, why: string]>> = {
  AWS_ACCESS_KEY_ID: ['staticKeys', 'every SDK prefers static keys'],
  AWS_SECRET_ACCESS_KEY: ['staticKeys', 'every SDK prefers static keys'],
  AWS_SESSION_TOKEN: ['staticKeys', 'every SDK prefers static keys'],
  AWS_ACCESS_KEY: ['staticKeys', 'some SDKs read static keys by that name'],
  AWS_SECRET_KEY: ['staticKeys', 'some SDKs read static keys by that name'],
  AWS_WEB_IDENTITY_TOKEN_FILE: [
    'deny',
    'every SDK prefers web identity; the EKS pod identity webhook (IRSA) writes it for ServiceAccounts with eks.amazonaws.com/role-arn',
  ],
  AWS_ROLE_ARN: ['warn', 'together with AWS_WEB_IDENTITY_TOKEN_FILE it would win'],
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: ['deny', 'every SDK prefers it to the full URI'],
  [URI]: ['deny', 'another provider serves credentials there; EKS Pod Identity writes it'],
  [TOKEN_FILE]: ['deny', "it is another provider's token; EKS Pod Identity writes it"],
  AWS_CONTAINER_AUTHORIZATION_TOKEN: ['deny', 'some SDKs prefer it to the token file'],
  AWS_PROFILE: ['warn', 'a profile with credentials of its own would win'],
  AWS_DEFAULT_PROFILE: ['warn', 'a profile with credentials of its own would win'],
  AWS_CONFIG_FILE: ['warn', 'a profile with credentials of its own would win'],
  AWS_SHARED_CREDENTIALS_FILE: ['warn', 'the credentials in that file would win'],
}

/** What speaks against a target container's own variables. Values are never repeated. */
export function judgeEnv(
  { container, path }: Placed,
  { config }: InjectionContext,
): { problems: Problem[]; warnings: string[] } {
  const problems: Problem[] = []
  const warnings: string[] = []
  const isOurs = oursIn(list(container.env))
  for (const [index, variable] of list(container.env).entries()) {
    const [verdict, why] = verdictOn(variable)
    if (verdict === 'keep' || isOurs(variable)) continue
    const message = `${variable.name} is set: ${why}`
    const isDenied = verdict === 'deny' || (verdict === 'staticKeys' && config['env.staticKeys'] === 'deny')
    if (isDenied) problems.push({ code: 'EnvWinsOverLanyard', field: `${path}.env[${index}]`, message })
    else warnings.push(`container ${container.name}: ${message}`)
  }
  if (isProxyHidden(list(container.env))) {
    warnings.push(`container ${container.name}: NO_PROXY comes from elsewhere (valueFrom); it must hold ${LOOPBACK}`)
  }
  if (list(container.envFrom).length > 0) {
    warnings.push(
      `container ${container.name}: envFrom cannot be looked into; AWS variables in it may win over Lanyard, or lose to it`,
    )
  }
  return { problems, warnings }
}

function verdictOn(variable: EnvVar): readonly [Verdict | 'keep', why: string] {
  if (isEmpty(variable)) return ['keep', '']
  return (Object.hasOwn(WINNERS, variable.name) ? WINNERS[variable.name] : undefined) ?? ['keep', '']
}

/** The container's variables as they are to be: ours rebuilt, the app's untouched but for NO_PROXY. */
export function desiredEnv(container: Container, settings: InjectionSettings | undefined): readonly EnvVar[] {
  const current = list(container.env)
  const isOurs = oursIn(current)
  if (settings === undefined) return current.filter((variable) => !isOurs(variable))
  const reserved: readonly EnvVar[] = [
    { name: URI, value: uriOf(settings.credentialsPort) },
    { name: TOKEN_FILE, value: APP_TOKEN_FILE },
  ]
  const kept = current.filter((variable) => {
    const own = reserved.find(({ name }) => name === variable.name)
    return own === undefined || (isOurs(variable) ? own.value === variable.value : !isEmpty(variable))
  })
  const has = (name: string): boolean => kept.some((variable) => variable.name === name)
  const missing = [...reserved, ...additions(settings, has)].filter(({ name }) => !has(name))
  return withoutProxy([...kept, ...missing])
}

/** Where the app says a region in either spelling, that is its own business. */
function additions({ region }: InjectionSettings, has: (name: string) => boolean): EnvVar[] {
  const silent = !has('AWS_REGION') && !has('AWS_DEFAULT_REGION')
  const regions =
    region !== undefined && silent ? ['AWS_REGION', 'AWS_DEFAULT_REGION'].map((name) => ({ name, value: region })) : []
  return [...regions, { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' }]
}

const upper = (name: string): string => name.toUpperCase()
const isProxy = ({ name }: EnvVar): boolean => ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].includes(upper(name))
const isNoProxy = ({ name }: EnvVar): boolean => upper(name) === 'NO_PROXY'

/** What cannot be extended can only be said. */
const isProxyHidden = (env: readonly EnvVar[]): boolean =>
  env.some(isProxy) && env.some((variable) => isNoProxy(variable) && Boolean(variable.valueFrom))

/** Where a proxy is set, the endpoint must not be asked through it: NO_PROXY gains 127.0.0.1 in each spelling that is there. */
function withoutProxy(env: readonly EnvVar[]): readonly EnvVar[] {
  if (!env.some(isProxy)) return env
  if (!env.some(isNoProxy)) return [...env, { name: 'NO_PROXY', value: LOOPBACK }]
  return env.map((variable) => {
    if (!isNoProxy(variable) || variable.valueFrom) return variable
    const value = variable.value ?? ''
    if (/(^|,)\s*(\*|127\.0\.0\.1)\s*(,|$)/.test(value)) return variable
    return { ...variable, value: value.trim() === '' ? LOOPBACK : `${value},${LOOPBACK}` }
  })
}
