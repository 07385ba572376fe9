import { Failure } from '../../errors/index.ts'
import type { Container, Delivery, EnvVar, InjectionContext } from '../../injection/types.ts'
import { judgeEnv } from '../../injection/winners.ts'
import { STATUS_ANNOTATION } from '../../settings/index.ts'
import type { ClusterPort, Deployed, Subject } from '../ground.ts'
import type { Finding } from '../types.ts'
import { annotationsOf, isObject, itemsAt, type JsonObject, objectAt, textAt, textsAt } from './objects.ts'
import { configMapPlace } from './places.ts'
import { isInjected, sidecarIn } from './pods.ts'

/** What the SDKs of an injected pod would take before Lanyard's credentials: by its variables, and by ConfigMaps. */
export async function appVariables(
  subject: Subject,
  deployed: Deployed | undefined,
  cluster: ClusterPort,
): Promise<readonly Finding[]> {
  const { pod, isLive } = subject
  if (!isLive || !isInjected(pod)) return []
  const roles = rolesIn(pod)
  const containers = [...itemsAt(pod, 'spec', 'initContainers'), ...itemsAt(pod, 'spec', 'containers')]
  const targets = containers.filter((each) => Object.hasOwn(roles, textAt(each, 'name') ?? ''))
  const findings = await Promise.all(targets.map((target) => ofContainer(target, { subject, deployed, cluster })))
  return findings.flat()
}

/** Of the containers that were given a role, by Lanyard's own note. */
function rolesIn(pod: JsonObject): JsonObject {
  try {
    return objectAt(JSON.parse(annotationsOf(pod)[STATUS_ANNOTATION] ?? ''), 'roles')
  } catch {
    return {}
  }
}

type Parts = { readonly subject: Subject; readonly deployed: Deployed | undefined; readonly cluster: ClusterPort }

async function ofContainer(raw: JsonObject, parts: Parts): Promise<readonly Finding[]> {
  const container = raw as unknown as Container
  const delivery = deliveryOf(parts.subject.pod)
  const own = judged(container, delivery, parts, '')
  const names = new Set((container.env ?? []).map(({ name }) => name))
  const findings: Finding[] = []
  for (const source of itemsAt(raw, 'envFrom')) {
    const read = await readSource(source, container.name, parts)
    if ('finding' in read) findings.push(read.finding)
    // What the container says itself wins over what it takes from elsewhere.
    else
      findings.push(
        ...judged(
          { name: container.name, env: read.env.filter(({ name }) => !names.has(name)) },
          delivery,
          parts,
          read.from,
        ),
      )
  }
  return [...own, ...findings]
}

function deliveryOf(pod: JsonObject): Delivery {
  if (sidecarIn(pod) === undefined) return 'direct'
  const env = sidecarIn(pod)?.env ?? []
  return env.some(({ name, value }) => name === 'LANYARD_PROTOCOL' && value === 'imds') ? 'imds' : 'container'
}

/** By the table that admission goes by, with static keys as what they are: whoever lets them in lets them win. */
function judged(
  container: Container,
  delivery: Delivery,
  { subject, deployed }: Parts,
  from: string,
): readonly Finding[] {
  const config = { ...deployed?.config, 'env.staticKeys': 'deny' } as InjectionContext['config']
  const context: InjectionContext = { version: '', ...deployed, namespace: subject.namespace, config }
  const { problems, warnings } = judgeEnv({ container, path: '' }, delivery, context)
  const finding = (verdict: 'fail' | 'warn', message: string): Finding => {
    const [name = ''] = message.split(' ')
    const where = from === '' ? `env of container ${container.name}` : from
    return {
      verdict,
      code: 'StaticKeys',
      subject: `${subject.title}, container ${container.name}`,
      message: `${message}${from === '' ? '' : ` (from ${from})`}`,
      fix: `Take ${name} out of ${where} and make the pods anew, or leave the container out of lanyard.dev/containers.`,
    }
  }
  return [
    ...problems.map(({ message }) => finding('fail', message)),
    ...warnings
      .map((text) => text.replace(`container ${container.name}: `, ''))
      .filter((text) => /^AWS_\w+ is set: /.test(text))
      .map((text) => finding('warn', text)),
  ]
}

type Read = { readonly env: readonly EnvVar[]; readonly from: string } | { readonly finding: Finding }

async function readSource(source: JsonObject, container: string, { subject, cluster }: Parts): Promise<Read> {
  const prefix = textAt(source, 'prefix') ?? ''
  const name = textAt(source, 'configMapRef', 'name')
  if (name === undefined)
    return {
      finding: unseen(subject, container, `Secret ${textAt(source, 'secretRef', 'name') ?? ''}`, 'which are not read'),
    }
  try {
    const map = await cluster.get(configMapPlace(subject.namespace, name))
    const env = Object.entries(textsAt(isObject(map) ? map : {}, 'data')).map(([key, value]) => ({
      name: prefix + key,
      value,
    }))
    return { env, from: `ConfigMap ${name}` }
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.code === 'ClusterForbidden')) throw thrown
    return { finding: unseen(subject, container, `ConfigMap ${name}`, 'which you may not read') }
  }
}

/** No Secret is ever looked into. */
const unseen = ({ title }: Subject, container: string, what: string, why: string): Finding => ({
  verdict: 'skip',
  subject: `${title}, container ${container}`,
  message: `it takes variables from ${what}, ${why}: AWS_ACCESS_KEY_ID or AWS_PROFILE in it would win`,
})
