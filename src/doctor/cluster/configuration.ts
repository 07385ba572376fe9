import { Failure } from '../../errors/index.ts'
import type { ConfigOf } from '../../settings/index.ts'
import type { ClusterPort, Deployed, Installation } from '../ground.ts'
import { itemsAt, type JsonObject, textAt, textsAt } from './objects.ts'
import { configMapPlace, workloadPlace } from './places.ts'

const CONFIG_KEY = 'config.yaml'

export type ConfigurationOptions = {
  readonly cluster: ClusterPort
  /** Reads the webhook's file as the webhook does. Throws Failure with every problem. */
  readonly readWebhookConfig: (text: string, title: string) => ConfigOf<'webhook'>
  /** The doctor's own version, where the cluster does not say that of the webhook. */
  readonly version: string
}

/** What the webhook decides by. Rejects with a Failure where it cannot be read or is wrong. */
export async function readDeployed(
  { namespace, name }: Installation,
  { cluster, readWebhookConfig, version }: ConfigurationOptions,
): Promise<Deployed> {
  const place = configMapPlace(namespace, name)
  const text = textsAt(await cluster.get(place), 'data')[CONFIG_KEY]
  if (text === undefined) {
    const message = `there is none with the key ${CONFIG_KEY}`
    throw new Failure({ code: 'ClusterObjectMissing', field: place.title, message })
  }
  const config = readWebhookConfig(text, `${CONFIG_KEY} of ${place.title}`)
  const deployment = await readDeployment(cluster, namespace, name)
  const stsCa = await readStsCa(config, deployment, { cluster, namespace })
  return { config, version: versionOf(deployment) ?? version, ...(stsCa !== undefined && { stsCa }) }
}

/** The webhook's Deployment, where the caller may look at it. */
async function readDeployment(cluster: ClusterPort, namespace: string, name: string): Promise<JsonObject | undefined> {
  try {
    return await cluster.get(workloadPlace('deployment', namespace, name))
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'ClusterForbidden') return undefined
    throw thrown
  }
}

/** The chart writes it on every object of its own. */
export const versionOf = (object: unknown): string | undefined =>
  textsAt(object, 'metadata', 'labels')['app.kubernetes.io/version']

type Where = { readonly cluster: ClusterPort; readonly namespace: string }

/**
 * The authorities that `aws.stsCaFile` names in the pods of the webhook, where a ConfigMap is mounted there; undefined where
 * it is anything else, which nobody looks into.
 */
async function readStsCa(
  config: ConfigOf<'webhook'>,
  deployment: JsonObject | undefined,
  { cluster, namespace }: Where,
): Promise<string | undefined> {
  const path = config['aws.stsCaFile']
  const found = path === undefined ? undefined : keyAt(path, deployment)
  if (found === undefined) return undefined
  return textsAt(await cluster.get(configMapPlace(namespace, found.name)), 'data')[found.key]?.trim()
}

type Key = { readonly name: string; readonly key: string }

/** The key of a ConfigMap that the first container sees at that path. */
function keyAt(path: string, deployment: JsonObject | undefined): Key | undefined {
  const spec = ['spec', 'template', 'spec']
  const [container] = itemsAt(deployment, ...spec, 'containers')
  const mounts = itemsAt(container, 'volumeMounts').flatMap((mount) => {
    const [name, at] = [textAt(mount, 'name'), textAt(mount, 'mountPath')]
    return name !== undefined && at !== undefined && path.startsWith(`${at}/`) ? [{ name, at }] : []
  })
  const mount = mounts.toSorted((one, other) => other.at.length - one.at.length)[0]
  const volume = itemsAt(deployment, ...spec, 'volumes').find((each) => textAt(each, 'name') === mount?.name)
  if (mount === undefined || volume === undefined) return undefined
  const inVolume = path.slice(mount.at.length + 1)
  const sources = [volume['configMap'], ...itemsAt(volume, 'projected', 'sources').map((each) => each['configMap'])]
  return sources.flatMap((source) => keyIn(source, inVolume))[0]
}

function keyIn(source: unknown, path: string): readonly Key[] {
  const name = textAt(source, 'name')
  if (name === undefined) return []
  const items = itemsAt(source, 'items')
  const key =
    items.length === 0
      ? path
      : textAt(
          items.find((item) => textAt(item, 'path') === path),
          'key',
        )
  return key === undefined ? [] : [{ name, key }]
}
