/** Names and places in the pod that are Lanyard's own, and where the image has its programs. */

export const SIDECAR = 'lanyard'

export const VOLUMES = {
  /** The projected service account token: the sidecar's alone. */
  identity: 'lanyard-identity',
  /** One endpoint token per container, each in a directory of its own. */
  endpoint: 'lanyard-endpoint',
  /** Credentials and backoff over a restart: the sidecar's alone. */
  state: 'lanyard-state',
  /** Empty, where the API server's token would be mounted. */
  noApiToken: 'lanyard-no-api-token',
} as const

export const PATHS = {
  identity: '/var/run/secrets/lanyard.dev/identity',
  endpoint: '/var/run/secrets/lanyard.dev/endpoint',
  state: '/var/run/lanyard',
  apiToken: '/var/run/secrets/kubernetes.io/serviceaccount',
  /** In the app's containers. */
  app: '/var/run/secrets/lanyard.dev',
} as const

export const APP_TOKEN_FILE = `${PATHS.app}/token`
export const IDENTITY_TOKEN_FILE = `${PATHS.identity}/token`
export const LOOPBACK = '127.0.0.1'
export const TERMINATION_LOG = '/dev/termination-log'

const NODE = '/nodejs/bin/node'
/**
 * The first flag keeps a signal from opening Node's inspector on the pod's loopback; the others save private memory in every
 * pod: less garbage kept, and no compiler thread with an arena of its own.
 */
export const SIDECAR_COMMAND = [
  NODE,
  '--disable-sigusr1',
  '--no-concurrent-recompilation',
  '--max-semi-space-size=1',
  '/app/sidecar.cjs',
] as const
export const WAIT_COMMAND = [NODE, '/app/wait.cjs'] as const

export const GLOBAL_STS = { region: 'us-east-1', endpoint: 'https://sts.amazonaws.com' } as const

/** A variable's value that kubelet leaves as it is: it expands `$(NAME)`, and reads `$$` as `$`. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$')

const isOwnVolume = new Set<string>(Object.values(VOLUMES))
export const ownsVolume = (name: string): boolean => isOwnVolume.has(name)
