/** Lanyard by its chart, as an operator installs it. */
import { collect } from './diagnostics.ts'
import { get, inside, kubectl, list, rolledOut, waitFor } from './kubectl.ts'
import { NAMESPACE, REGION, RELEASE, told } from './settings.ts'
import { must, type Ran, run } from './shell.ts'
import { CA, endpointOf, STS } from './sts.ts'

export const DEPLOYMENT = 'deployment/lanyard-webhook'
export const CONFIGURATION = 'lanyard-webhook'

type Values = Readonly<Record<string, unknown>>

/** The default values, but for what makes it the suite's own: where the images are, and an STS that is not AWS's. */
export function valuesFor(image: string, more: Values = {}): Values {
  const [repository, tag] = image.split(':')
  const usual = {
    image: { repository, tag },
    config: {
      aws: { region: REGION, stsEndpoint: endpointOf('sts'), allowedStsEndpoints: STS.map(endpointOf) },
    },
    stsCa: { configMap: CA.configMap, key: CA.key },
  }
  return merge(usual, more)
}

function merge(base: Values, more: Values): Values {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(more)) {
    const old = merged[key]
    merged[key] = isObject(old) && isObject(value) ? merge(old, value) : value
  }
  return merged
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type InstallOptions = {
  readonly values?: Values
  readonly chart?: string
  readonly image?: string
  readonly args?: readonly string[]
  /** Another Helm than the one of the PATH. */
  readonly helm?: string
}

/** `helm upgrade --install`, which waits until all replicas are ready. */
export async function install(options: InstallOptions = {}): Promise<Ran> {
  const { charts, images } = told()
  const { chart = charts.current, image = images.product, values = {}, args = ['--wait'], helm = 'helm' } = options
  const command = ['upgrade', '--install', RELEASE, chart, '-n', NAMESPACE, '--create-namespace', '-f', '-', ...args]
  return run(helm, [...command, '--timeout', '120s'], {
    input: JSON.stringify(valuesFor(image, values)),
    timeout: 180_000,
  })
}

/** Installed with the usual values, whatever an earlier suite has left. */
export async function ensureInstalled(values: Values = {}): Promise<void> {
  const { code, stderr } = await install({ values })
  if (code !== 0) {
    await collect('helm')
    throw new Error(`helm upgrade --install failed:\n${stderr}`)
  }
  await rolledOut(DEPLOYMENT, NAMESPACE)
  // Until then the API server's connections to them are used, and they answer by the settings before.
  await waitFor('replicas of other settings are gone', async () =>
    (await webhookPods()).every(({ metadata }) => metadata.deletionTimestamp === undefined) ? true : undefined,
  )
}

export const uninstall = (helm = 'helm'): Promise<string> =>
  must(helm, ['uninstall', RELEASE, '-n', NAMESPACE, '--wait', '--timeout', '120s'], { timeout: 180_000 })

export const webhookPods = () => list('pods', NAMESPACE, 'app.kubernetes.io/component=webhook')

/** Scales the webhook, and waits until it is so. */
export async function scaleWebhook(replicas: number): Promise<void> {
  await kubectl(['scale', DEPLOYMENT, ...inside(NAMESPACE), `--replicas=${replicas}`])
  if (replicas > 0) await rolledOut(DEPLOYMENT, NAMESPACE)
  await waitFor(`${replicas} pods of the webhook`, async () =>
    (await webhookPods()).length === replicas ? true : undefined,
  )
}

/** The webhook's counters, summed over its replicas: series by their text. */
export async function webhookMetrics(): Promise<ReadonlyMap<string, number>> {
  const pods = await webhookPods()
  const texts = await Promise.all(
    pods.map(({ metadata }) => kubectl(['get', '--raw', metricsPath(NAMESPACE, metadata.name)])),
  )
  const sums = new Map<string, number>()
  for (const [series, value] of texts.flatMap(samplesOf)) sums.set(series, (sums.get(series) ?? 0) + value)
  return sums
}

const metricsPath = (namespace: string, pod: string): string =>
  `/api/v1/namespaces/${namespace}/pods/${pod}:9798/proxy/metrics`

export const sidecarMetrics = async (namespace: string, pod: string): Promise<ReadonlyMap<string, number>> =>
  new Map(samplesOf(await kubectl(['get', '--raw', metricsPath(namespace, pod)])))

function samplesOf(text: string): [string, number][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])
}

/** All reviews that were answered, however they ended. */
export async function reviewsAnswered(): Promise<number> {
  let sum = 0
  for (const [series, value] of await webhookMetrics())
    if (series.startsWith('lanyard_admission_requests_total')) sum += value
  return sum
}

export const webhookConfiguration = () => get('mutatingwebhookconfiguration', CONFIGURATION)
