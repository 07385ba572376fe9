/** Names and places in the pod that are Lanyard's own, and where the image has its programs. */

export const SIDECAR = 'lanyard'
/** Beside the sidecar, in pods that ask for credentials of their own users. */
export const BROKER = 'lanyard-broker'

export const VOLUMES = {
  /** The projected service account token: the sidecar's alone. */
  identity: 'lanyard-identity',
  /** One endpoint token per container, each in a directory of its own. */
  endpoint: 'lanyard-endpoint',
  /** Credentials and backoff over a restart: the sidecar's alone. */
  state: 'lanyard-state',
  /** Empty, where the API server's token would be mounted. */
  noApiToken: 'lanyard-no-api-token',
  /** What the namespace holds for the identity provider: a Secret, the ConfigMap of an authority. */
  provider: 'lanyard-provider',
  /** One token for user credentials per container, each in a directory of its own. */
  broker: 'lanyard-broker',
} as const

export const PATHS = {
  identity: '/var/run/secrets/lanyard.dev/identity',
  endpoint: '/var/run/secrets/lanyard.dev/endpoint',
  state: '/var/run/lanyard',
  provider: '/var/run/secrets/lanyard.dev/provider',
  /** Where the sidecar sees the volume that another container writes the identity to. */
  providerFile: '/var/run/secrets/lanyard.dev/provider-file',
  broker: '/var/run/secrets/lanyard.dev/broker',
  apiToken: '/var/run/secrets/kubernetes.io/serviceaccount',
  /** In the app's containers. */
  app: '/var/run/secrets/lanyard.dev',
  /** In containers of the app that may ask the broker: not below the other, which is mounted read-only. */
  user: '/var/run/secrets/user-credentials.lanyard.dev',
} as const

export const APP_TOKEN_FILE = `${PATHS.app}/token`
export const IDENTITY_TOKEN_FILE = `${PATHS.identity}/token`
/** By which an app asks for credentials of its users; no SDK knows these. */
export const USER_VARIABLES = ['LANYARD_USER_CREDENTIALS_URL', 'LANYARD_USER_CREDENTIALS_TOKEN_FILE'] as const
export const USER_TOKEN_FILE = `${PATHS.user}/token`
export const LOOPBACK = '127.0.0.1'
export const TERMINATION_LOG = '/dev/termination-log'

const NODE = '/nodejs/bin/node'
/**
 * The first flag keeps a signal from opening Node's inspector on the pod's loopback; the others save private memory in every
 * pod: less garbage kept, no compiler thread with an arena of its own, one thread for the garbage in place of four, and of
 * all public authorities only the one that is needed, from the image's folder of them.
 */
const FLAGS = [
  '--disable-sigusr1',
  '--no-concurrent-recompilation',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--use-openssl-ca',
] as const
const commandOf = <const P extends string>(program: P) => [NODE, ...FLAGS, program] as const
export const SIDECAR_COMMAND = commandOf('/app/sidecar.cjs')
/** The sidecar of pods with another identity provider or a chain of roles: it knows of more, and so weighs more. */
export const FEDERATED_COMMAND = commandOf('/app/federated.cjs')
export const BROKER_COMMAND = commandOf('/app/broker.cjs')
export const WAIT_COMMAND = [NODE, '/app/wait.cjs'] as const

export const GLOBAL_STS = { region: 'us-east-1', endpoint: 'https://sts.amazonaws.com' } as const

/** A variable's value that kubelet leaves as it is: it expands `$(NAME)`, and reads `$$` as `$`. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$')

const isOwnVolume = new Set<string>(Object.values(VOLUMES))
export const ownsVolume = (name: string): boolean => isOwnVolume.has(name)
