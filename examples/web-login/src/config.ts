/** What the app is told: a file with its providers, and the environment of its pod. */

/** Whom users can sign in with. */
export type Provider = {
  /** As the operator of Lanyard calls it, in `config.userProviders`. */
  readonly name: string
  /** As people call it. */
  readonly title: string
  /** Exactly as in the provider's ID tokens. */
  readonly issuer: URL
  readonly clientId: string
  /** Where the provider asks for a secret besides PKCE. */
  readonly clientSecret: string | undefined
  readonly scope: string
}

export type Config = {
  readonly host: string
  readonly port: number
  /** The app's address as browsers see it: redirect URIs and cookies go by it. */
  readonly publicUrl: URL
  /** As the operator of Lanyard calls it, in `config.userRoles`. */
  readonly role: string
  readonly bucket: string
  /** Whether the bucket stands in the path of URLs, as servers other than AWS want it. */
  readonly pathStyle: boolean
  readonly region: string
  readonly providers: readonly Provider[]
  /** Where the app asks for credentials of a user, and the file with the token that lets it ask: Lanyard sets both. */
  readonly credentials: { readonly url: URL; readonly tokenFile: string }
}

type Variables = Readonly<Record<string, string | undefined>>
type ReadFile = (path: string) => string
type Fields = Readonly<Record<string, unknown>>

/** Throws with a sentence for whoever starts the app. */
export function readConfig(env: Variables, readFile: ReadFile): Config {
  const path = env['CONFIG_FILE'] ?? '/etc/web-login/config.json'
  const file = parseFile(path, readFile)
  const providers = Array.isArray(file['providers']) ? file['providers'] : []
  if (providers.length === 0) throw new Error(`${path}: providers is no list, or an empty one`)
  return {
    host: env['HOST'] ?? '0.0.0.0',
    port: portOf(env['PORT'] ?? '8080'),
    publicUrl: urlOf(env['PUBLIC_URL'] ?? 'http://localhost:8080', 'PUBLIC_URL'),
    role: textOf(file, 'role', path),
    bucket: textOf(file, 'bucket', path),
    pathStyle: file['pathStyle'] === true,
    region: env['AWS_REGION'] ?? textOf(file, 'region', `${path} (there is no AWS_REGION either)`),
    providers: providers.map((provider, index) => providerOf(provider, `${path}: providers[${index}]`, readFile)),
    credentials: {
      url: urlOf(variable(env, 'LANYARD_USER_CREDENTIALS_URL'), 'LANYARD_USER_CREDENTIALS_URL'),
      tokenFile: variable(env, 'LANYARD_USER_CREDENTIALS_TOKEN_FILE'),
    },
  }
}

function providerOf(value: unknown, where: string, readFile: ReadFile): Provider {
  const fields = typeof value === 'object' && value !== null ? (value as Fields) : {}
  const name = textOf(fields, 'name', where)
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`${where}: name is no name of small letters, digits and -: ${name}`)
  const issuer = urlOf(textOf(fields, 'issuer', where), `${where}: issuer`)
  if (issuer.protocol !== 'https:') throw new Error(`${where}: issuer is not https`)
  const secretFile = fields['clientSecretFile']
  return {
    name,
    title: textOf(fields, 'title', where),
    issuer,
    clientId: textOf(fields, 'clientId', where),
    clientSecret: typeof secretFile === 'string' ? readFile(secretFile).trim() : undefined,
    scope: typeof fields['scope'] === 'string' ? fields['scope'] : 'openid profile',
  }
}

function parseFile(path: string, readFile: ReadFile): Fields {
  try {
    return JSON.parse(readFile(path)) as Fields
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function textOf(fields: Fields, name: string, where: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw new Error(`${where}: ${name} is missing`)
  return value
}

function variable(env: Variables, name: string): string {
  const value = env[name]
  if (value === undefined || value === '')
    throw new Error(`there is no ${name}: is the pod annotated with lanyard.dev/user-credentials: "true"?`)
  return value
}

function urlOf(text: string, where: string): URL {
  if (!URL.canParse(text)) throw new Error(`${where} is no URL: ${text}`)
  return new URL(text)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT is no port: ${text}`)
  return port
}
