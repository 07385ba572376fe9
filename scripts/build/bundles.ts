import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { leaveOut } from './leaveOut.ts'
import { dropTexts } from './texts.ts'
import { ABSENT, UNUSED_IN_CLUSTER, unusedIn } from './unused.ts'

export type Bundle = {
  readonly name: string
  readonly entry: string
  readonly doc: string
  /** Modules whose files match are not in the bundle, though others import them: they are never called. */
  readonly leaveOut?: RegExp
  /** Whether globals that take much to load, as soon as they are named, are replaced by light ones. */
  readonly lightGlobals?: boolean
  /** Texts that are for the documentation alone are left out too; whether those stay that say what led to a failure. */
  readonly withoutTexts?: { readonly tellsCauses: boolean }
}

/** What the image's containers run. */
export const bundles: readonly Bundle[] = [
  {
    name: 'sidecar.cjs',
    entry: 'cmd/sidecarMain.ts',
    doc: 'the sidecar of every pod',
    leaveOut: unusedIn('unsigned'),
    lightGlobals: true,
    withoutTexts: { tellsCauses: false },
  },
  {
    name: 'federated.cjs',
    entry: 'cmd/federatedMain.ts',
    doc: 'the sidecar of pods with another identity provider, or with a chain of roles',
    leaveOut: unusedIn('signed', 'provider', 'saml', 'identityProviders'),
    withoutTexts: { tellsCauses: false },
  },
  {
    name: 'broker.cjs',
    entry: 'cmd/brokerMain.ts',
    doc: "the broker of pods that ask for credentials of their app's users",
    leaveOut: unusedIn('unsigned', 'provider', 'user', 'brokerSettings', 'userCredentials', 'brokerMetrics'),
    withoutTexts: { tellsCauses: true },
  },
  { name: 'wait.cjs', entry: 'cmd/wait.ts', doc: 'the start gate of every pod' },
  {
    name: 'doctor.cjs',
    entry: 'cmd/doctorMain.ts',
    doc: 'the doctor of a pod, which nobody starts but who asks it',
    leaveOut: unusedIn('signed', 'provider', 'saml', 'identityProviders', 'operators'),
  },
  {
    name: 'webhook.cjs',
    entry: 'cmd/webhookMain.ts',
    doc: 'the admission webhook',
    leaveOut: UNUSED_IN_CLUSTER,
  },
]

/** The same of the slim image: it has another sidecar, with an STS client of its own. */
const slimBundles: readonly Bundle[] = bundles.map((bundle) =>
  bundle.name === 'sidecar.cjs'
    ? { ...bundle, entry: 'cmd/slimMain.ts', doc: 'the sidecar of every pod, without the AWS SDK' }
    : bundle,
)

/** The product's images, by the name of their Dockerfile target: an operator runs one or the other. */
export const variants = { product: bundles, slim: slimBundles } as const
export type Variant = keyof typeof variants

/** One of them. Throws where there is none. */
export function bundleOf(variant: Variant, name: string): Bundle {
  const found = variants[variant].find((bundle) => bundle.name === name)
  if (found === undefined) throw new Error(`there is no bundle ${name}`)
  return found
}

/** What an image of its own runs, in tests alone. */
export const testbedBundles: readonly Bundle[] = [
  { name: 'testbed.cjs', entry: 'cmd/testbedMain.ts', doc: 'the STS of the testbed' },
  { name: 'whoami.cjs', entry: 'src/demo/app.ts', doc: 'the app of the examples: an AWS SDK that asks who it is' },
]

/** For this one Node loads all that measures it; durations need a clock. */
const LIGHT_GLOBALS = {
  define: { performance: 'steadyClock' },
  banner: { js: 'const steadyClock={now(){const[s,n]=process.hrtime();return s*1e3+n/1e6}};' },
} as const

/**
 * One CommonJS file without dynamic import, minified: what starts fastest and takes the least private memory, and a
 * sidecar's are paid by every pod.
 */
export const optionsOf = (
  { entry, leaveOut: unused, lightGlobals = false, withoutTexts }: Bundle,
  root: string,
): BuildOptions => ({
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
  ...(lightGlobals ? LIGHT_GLOBALS : {}),
  plugins: [
    ...(unused === undefined ? [] : [leaveOut(unused, ABSENT)]),
    ...(withoutTexts === undefined ? [] : [dropTexts(withoutTexts)]),
  ],
  logLevel: 'warning',
  // What is left out of CommonJS is imported by name all the same.
  logOverride: { 'import-is-undefined': 'silent' },
})

export type Built = {
  readonly name: string
  readonly doc: string
  readonly bytes: number
  readonly zipped: number
  /** What esbuild put in. */
  readonly metafile: Metafile
  readonly leaveOut?: RegExp | undefined
}

/** Writes the bundles into the folder. */
export function buildBundles(root: string, folder: string, wanted = bundles): Promise<readonly Built[]> {
  const buildOne = async (bundle: Bundle): Promise<Built> => {
    const outfile = join(folder, bundle.name)
    const { metafile } = await build({ ...optionsOf(bundle, root), outfile, metafile: true })
    const { name, doc, leaveOut } = bundle
    return {
      name,
      doc,
      leaveOut,
      bytes: statSync(outfile).size,
      zipped: gzipSync(readFileSync(outfile)).length,
      metafile,
    }
  }
  return Promise.all(wanted.map(buildOne))
}
