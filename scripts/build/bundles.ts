import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

export type Bundle = {
  readonly name: string
  readonly entry: string
  readonly doc: string
  /** Modules whose files match are empty in the bundle: what is loaded but never called. */
  readonly empty?: RegExp
}

/**
 * Of prom-client, what measures Node itself, pushes, or gathers workers; with it goes the OpenTelemetry API.
 * Of the AWS SDK, how credentials are found in files and at metadata services, signatures for several regions at once,
 * and event streams: the client is given what it needs, and STS streams nothing.
 */
const UNUSED = [
  'prom-client/lib/(defaultMetrics|pushgateway|cluster)\\.js',
  '@aws-sdk/(credential-provider-node|signature-v4-multi-region)/.*',
  '@smithy/core/.*/event-streams/.*',
]

/**
 * Of the Kubernetes client, the model of the whole API and all ways to authenticate but a pod's own token: no proxies, no
 * OpenID Connect, no plugins.
 */
const UNUSED_IN_CLUSTER = [
  '@kubernetes/client-node/dist/(gen/(index|rxjsStub)|middleware)\\.js',
  '(undici|hpagent|socks|socks-proxy-agent|jsonpath-plus|openid-client)/.*',
]

/** Tables of what other programs say and are told; those of its own a program names itself. */
export const TABLES = {
  admission: 'errors/codes/admission',
  cluster: 'errors/codes/cluster',
  provider: 'errors/codes/provider',
  saml: 'errors/codes/saml',
  user: 'errors/codes/user',
  webhookSettings: 'settings/webhookSettings',
  brokerSettings: 'settings/brokerSettings',
} as const
type Table = keyof typeof TABLES

/** Of a program that pods run: what it never does, and the tables of others but for these. */
function emptyIn(...own: readonly Table[]): RegExp {
  const others = (Object.keys(TABLES) as Table[]).filter((name) => !own.includes(name)).map((name) => TABLES[name])
  return new RegExp(`/(node_modules/(${UNUSED.join('|')})|src/(${others.join('|')})\\.ts)$`)
}

/** What the image's containers run. */
export const bundles: readonly Bundle[] = [
  {
    name: 'sidecar.cjs',
    entry: 'cmd/sidecarMain.ts',
    doc: 'the sidecar of every pod',
    empty: emptyIn(),
  },
  {
    name: 'federated.cjs',
    entry: 'cmd/federatedMain.ts',
    doc: 'the sidecar of pods with another identity provider, or with a chain of roles',
    empty: emptyIn('provider', 'saml'),
  },
  {
    name: 'broker.cjs',
    entry: 'cmd/brokerMain.ts',
    doc: "the broker of pods that ask for credentials of their app's users",
    empty: emptyIn('provider', 'user', 'brokerSettings'),
  },
  { name: 'wait.cjs', entry: 'cmd/wait.ts', doc: 'the start gate of every pod' },
  {
    name: 'webhook.cjs',
    entry: 'cmd/webhookMain.ts',
    doc: 'the admission webhook',
    empty: new RegExp(`/node_modules/(${UNUSED_IN_CLUSTER.join('|')})$`),
  },
]

/** What an image of its own runs, in tests alone. */
export const testbedBundles: readonly Bundle[] = [
  { name: 'testbed.cjs', entry: 'cmd/testbedMain.ts', doc: 'the STS of the testbed' },
  { name: 'whoami.cjs', entry: 'src/demo/app.ts', doc: 'the app of the examples: an AWS SDK that asks who it is' },
]

/**
 * One CommonJS file without dynamic import, minified: what starts fastest and takes the least private memory, and a
 * sidecar's are paid by every pod.
 */
export const optionsOf = ({ entry, empty }: Bundle, root: string): BuildOptions => ({
  absWorkingDir: root,
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  supported: { 'dynamic-import': false },
  minify: true,
  // The compiler's paths are for its types alone.
  tsconfigRaw: {},
  legalComments: 'eof',
  plugins: empty === undefined ? [] : [leaveOut(empty)],
  logLevel: 'warning',
  // What is left out is imported by name all the same.
  logOverride: { 'import-is-undefined': 'silent' },
})

function leaveOut(filter: RegExp): Plugin {
  const setup: Plugin['setup'] = (hooks) => {
    hooks.onLoad({ filter }, () => ({ contents: '', loader: 'js' }))
  }
  return { name: 'leaveOut', setup }
}

export type Built = {
  readonly name: string
  readonly doc: string
  readonly bytes: number
  readonly zipped: number
  /** What esbuild put in. */
  readonly metafile: Metafile
}

/** Writes the bundles into the folder. */
export function buildBundles(root: string, folder: string, wanted = bundles): Promise<readonly Built[]> {
  const buildOne = async (bundle: Bundle): Promise<Built> => {
    const outfile = join(folder, bundle.name)
    const { metafile } = await build({ ...optionsOf(bundle, root), outfile, metafile: true })
    const { name, doc } = bundle
    return { name, doc, bytes: statSync(outfile).size, zipped: gzipSync(readFileSync(outfile)).length, metafile }
  }
  return Promise.all(wanted.map(buildOne))
}
