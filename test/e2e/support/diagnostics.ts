import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KubeObject, list, tryKubectl } from './kubectl.ts'
import { say } from './progress.ts'
import { told } from './settings.ts'

/** Namespaces that are the suite's or Lanyard's. */
const ours = /^(lanyard|e2e)/

/** Writes pods, events and logs into a folder of the artifacts; never throws, since it runs where something failed. */
export async function collect(title: string): Promise<void> {
  const folder = join(told().artifacts, title.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80))
  mkdirSync(folder, { recursive: true })
  const keep = async (name: string, ...args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await tryKubectl(args).catch((error: unknown) => ({ stdout: '', stderr: String(error) }))
    writeFileSync(join(folder, name), stdout + stderr)
  }
  await keep('pods.yaml', 'get', 'pods', '-A', '-o', 'yaml')
  await keep('events.txt', 'get', 'events', '-A', '--sort-by=.lastTimestamp')
  await keep('nodes.txt', 'describe', 'nodes')
  await keep('webhook.yaml', 'get', 'mutatingwebhookconfigurations,validatingadmissionpolicies', '-o', 'yaml')
  const pods: readonly KubeObject[] = await list('pods').catch(() => [])
  for (const pod of pods.filter(({ metadata }) => ours.test(metadata.namespace ?? ''))) await logsOf(pod, keep)
  say(`what failed left ${folder}`)
}

type Keep = (name: string, ...args: readonly string[]) => Promise<void>

async function logsOf({ metadata, spec }: KubeObject, keep: Keep): Promise<void> {
  const { name, namespace = '' } = metadata
  const where = ['-n', namespace]
  await keep(`${namespace}-${name}.describe.txt`, 'describe', 'pod', name, ...where)
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const of = [name, ...where, '-c', container.name, '--tail=500']
    await keep(`${namespace}-${name}-${container.name}.log`, 'logs', ...of)
    await keep(`${namespace}-${name}-${container.name}.previous.log`, 'logs', '--previous', ...of)
  }
}
