import { APP_TOKEN_FILE, IDENTITY_TOKEN_FILE, LOOPBACK, literal, USER_VARIABLES } from './layout.ts'
import { list } from './pod.ts'
import type { Container, Delivery, EnvVar, InjectionSettings, WantedEnv } from './types.ts'

export const URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
export const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'
export const ROLE_ARN = 'AWS_ROLE_ARN'
export const WEB_IDENTITY = 'AWS_WEB_IDENTITY_TOKEN_FILE'
/**
 * The SDKs' name for the address of IMDS, and that of Rust's object_store. The first ends with a slash, without which AWS
 * CLI 2 before mid-2025 puts the path right behind the port.
 */
export const IMDS_ENDPOINTS = ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_METADATA_ENDPOINT'] as const
export const IMDS_DISABLED = 'AWS_EC2_METADATA_DISABLED'
/** Of an app's many variables these are the few by whose names anything is decided. */
export function mayMatter({ name }: EnvVar): boolean {
  const first = name.charCodeAt(0)
  return (
    (first === FIRST_OF_AWS && name.startsWith('AWS_')) ||
    (first === FIRST_OF_OURS && name.startsWith('LANYARD_')) ||
    isAboutProxies(name)
  )
}
/** `A` and `L`: a pod can have thousands of variables, and one look at each is enough for nearly all. */
const [FIRST_OF_AWS, FIRST_OF_OURS] = [65, 76] as const
const noImds: EnvVar = { name: IMDS_DISABLED, value: 'true' }

export const containerEnv = ({ credentialsPort, region }: InjectionSettings): WantedEnv => ({
  reserved: [
    { name: URI, value: `http://${LOOPBACK}:${credentialsPort}/v1/credentials` },
    { name: TOKEN_FILE, value: APP_TOKEN_FILE },
  ],
  additions: (has) => [...regions(region, has), noImds],
  delivery: 'container',
})

export const imdsEnv = ({ credentialsPort, region }: InjectionSettings): WantedEnv => ({
  reserved: [
    { name: IMDS_ENDPOINTS[0], value: `http://${LOOPBACK}:${credentialsPort}/` },
    { name: IMDS_ENDPOINTS[1], value: `http://${LOOPBACK}:${credentialsPort}` },
  ],
  additions: (has) => regions(region, has),
  delivery: 'imds',
})

/** In direct mode the SDK goes to STS by itself, and is told where that is. */
export const directEnv = ({ region, stsEndpoint }: InjectionSettings, roleArn: string): WantedEnv => ({
  reserved: [
    { name: ROLE_ARN, value: literal(roleArn) },
    { name: WEB_IDENTITY, value: IDENTITY_TOKEN_FILE },
  ],
  additions: (has) => [
    ...regions(region, has),
    ...(region === undefined ? [] : [{ name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' }]),
    ...(stsEndpoint === undefined ? [] : [{ name: 'AWS_ENDPOINT_URL_STS', value: stsEndpoint }]),
    noImds,
  ],
  delivery: 'direct',
})

/** Where the app says a region in either spelling, that is its own business. */
function regions(region: string | undefined, has: (name: string) => boolean): readonly EnvVar[] {
  if (region === undefined || has('AWS_REGION') || has('AWS_DEFAULT_REGION')) return []
  return ['AWS_REGION', 'AWS_DEFAULT_REGION'].map((name) => ({ name, value: region }))
}

/**
 * Tells which of a container's variables an earlier pass wrote, be it for another delivery; they are rebuilt rather than
 * called a conflict. The token files are surely ours; an address or a role of that form may be another provider's, where our
 * file is not beside it. So may an address of IMDS, where IMDS is not to be ours and the other of its names is not there.
 */
export function oursIn(env: readonly EnvVar[], delivery?: Delivery): (variable: EnvVar) => boolean {
  const isTokenFile = ({ name, value }: EnvVar): boolean => name === TOKEN_FILE && value === APP_TOKEN_FILE
  const isIdentity = ({ name, value }: EnvVar): boolean => name === WEB_IDENTITY && value === IDENTITY_TOKEN_FILE
  const [hasTokenFile, hasIdentity] = [env.some(isTokenFile), env.some(isIdentity)]
  const isUri = ({ name, value }: EnvVar): boolean =>
    name === URI && /^http:\/\/127\.0\.0\.1:\d{1,5}\/v1\/credentials$/.test(value ?? '')
  const isRole = ({ name, value }: EnvVar): boolean => name === ROLE_ARN && value?.startsWith('arn:') === true
  const isImds = delivery === 'imds'
  const areEndpoints = isImds || IMDS_ENDPOINTS.every((of) => env.some((one) => one.name === of && isWrittenByUs(one)))
  return (variable) =>
    isUser(variable) ||
    isTokenFile(variable) ||
    isIdentity(variable) ||
    (hasTokenFile && isUri(variable)) ||
    (hasIdentity && isRole(variable)) ||
    (areEndpoints && isEndpoint(variable)) ||
    (isImds && (hasTokenFile || hasIdentity) && isNoImds(variable))
}

/** Nobody else has variables of these names. */
const isUser = ({ name }: EnvVar): boolean => USER_VARIABLES.some((of) => of === name)

/** Whoever asks IMDS of us may have written the address himself, with a slash or without. */
const isEndpoint = ({ name, value }: EnvVar): boolean =>
  IMDS_ENDPOINTS.some((of) => of === name) && /^http:\/\/127\.0\.0\.1:\d{1,5}\/?$/.test(value ?? '')
const isWrittenByUs = (variable: EnvVar): boolean =>
  isEndpoint(variable) && variable.value?.endsWith('/') === (variable.name === IMDS_ENDPOINTS[0])
const isNoImds = ({ name, value }: EnvVar): boolean => name === noImds.name && value === noImds.value

/** The API server leaves an empty value out, and every SDK takes it for unset. */
export const isEmpty = ({ value, valueFrom }: EnvVar): boolean => !value && !valueFrom

/** The container's variables as they are to be: ours rebuilt, the app's untouched but for NO_PROXY. */
export function desiredEnv(container: Container, wanted: WantedEnv | undefined): readonly EnvVar[] {
  const current = list(container.env)
  const few = current.filter(mayMatter)
  const isOurs = oursIn(few, wanted?.delivery)
  if (wanted === undefined) return without(current, new Set(few.filter(isOurs)))
  const stays = (variable: EnvVar): boolean => {
    const own = wanted.reserved.find(({ name }) => name === variable.name)
    if (isOurs(variable)) return own?.value === variable.value
    return own === undefined || !isEmpty(variable)
  }
  const kept = few.filter(stays)
  const has = (name: string): boolean => kept.some((variable) => variable.name === name)
  const missing = [...wanted.reserved, ...wanted.additions(has)].filter(({ name }) => !has(name))
  const env = [...without(current, new Set(few.filter((variable) => !stays(variable)))), ...missing]
  return wanted.delivery === 'direct' || !few.some(isProxy) ? env : withoutProxy(env)
}

const without = (env: readonly EnvVar[], gone: ReadonlySet<EnvVar>): readonly EnvVar[] =>
  gone.size === 0 ? env : env.filter((variable) => !gone.has(variable))

const PROXIES: readonly string[] = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']
const NO_PROXY = 'NO_PROXY'
/** In upper case, if it could be one of these by its length. */
const upper = (name: string): string => (name.length < 8 || name.length > 11 ? '' : name.toUpperCase())
const isProxy = ({ name }: EnvVar): boolean => PROXIES.includes(upper(name))
const isNoProxy = ({ name }: EnvVar): boolean => upper(name) === NO_PROXY
const isAboutProxies = (name: string): boolean => upper(name).endsWith('_PROXY')

/** What cannot be extended can only be said; of the variables that may matter. */
export const isProxyHidden = (env: readonly EnvVar[]): boolean =>
  env.some(isProxy) && env.some((variable) => isNoProxy(variable) && Boolean(variable.valueFrom))

/** Where a proxy is set, the endpoint must not be asked through it: NO_PROXY gains 127.0.0.1 in each spelling that is there. */
function withoutProxy(env: readonly EnvVar[]): readonly EnvVar[] {
  if (!env.some(isNoProxy)) return [...env, { name: NO_PROXY, value: LOOPBACK }]
  return env.map((variable) => {
    if (!isNoProxy(variable) || variable.valueFrom) return variable
    const value = variable.value ?? ''
    if (/(^|,)\s*(\*|127\.0\.0\.1)\s*(,|$)/.test(value)) return variable
    return { ...variable, value: value.trim() === '' ? LOOPBACK : `${value},${LOOPBACK}` }
  })
}
