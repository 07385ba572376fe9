import { setTimeout as sleep } from 'node:timers/promises'
import { must, type Ran, type RunOptions, run } from './shell.ts'

/** An object of the Kubernetes API as JSON, as far as tests look at it. */
export type KubeObject = {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
  }
  // biome-ignore lint/suspicious/noExplicitAny: what an object holds is for each test to know
  readonly [field: string]: any
}

export const kubectl = (args: readonly string[], options?: RunOptions): Promise<string> =>
  must('kubectl', args, options)
/** For what may fail. */
export const tryKubectl = (args: readonly string[], options?: RunOptions): Promise<Ran> => run('kubectl', args, options)

/** Creates or changes objects. */
export const apply = (objects: readonly object[]): Promise<string> => kubectl(['apply', '-f', '-'], input(objects))
/** What the API server says of objects, accepted or not. */
export const tryApply = (objects: readonly object[], ...args: readonly string[]): Promise<Ran> =>
  tryKubectl(['apply', '-f', '-', ...args], input(objects))
/** As `apply`, for what has a generateName. */
export const create = (objects: readonly object[], ...args: readonly string[]): Promise<Ran> =>
  tryKubectl(['create', '-f', '-', ...args], input(objects))

const input = (items: readonly object[]): RunOptions => ({
  input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
})

export async function get(kind: string, name: string, namespace?: string): Promise<KubeObject> {
  return JSON.parse(await kubectl(['get', kind, name, '-o', 'json', ...inside(namespace)]))
}

export async function list(kind: string, namespace?: string, selector?: string): Promise<readonly KubeObject[]> {
  const where = namespace === undefined ? ['-A'] : inside(namespace)
  const which = selector === undefined ? [] : ['-l', selector]
  return JSON.parse(await kubectl(['get', kind, '-o', 'json', ...where, ...which])).items
}

export const inside = (namespace: string | undefined): string[] => (namespace === undefined ? [] : ['-n', namespace])

/** A path of the API server, as text: through it the tests reach the pods' HTTP ports. */
export const raw = (path: string): Promise<string> => kubectl(['get', '--raw', path])

export type WaitOptions = { readonly seconds?: number; readonly every?: number }

/**
 * Asks until the answer is given: the value, or undefined while it is not there yet. What is thrown counts as not yet,
 * and is told at the end.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  options: WaitOptions = {},
): Promise<T> {
  const { seconds = 60, every = 0.25 } = options
  const until = Date.now() + seconds * 1_000
  for (;;) {
    let last = ''
    try {
      const value = await ask()
      if (value !== undefined) return value
    } catch (thrown) {
      last = thrown instanceof Error ? `: ${thrown.message}` : ''
    }
    if (Date.now() > until) throw new Error(`${what}: not within ${seconds} s${last}`)
    await sleep(every * 1_000)
  }
}

/** Waits until a workload has all that it should have. */
export const rolledOut = (workload: string, namespace: string, seconds = 120): Promise<string> =>
  kubectl(['rollout', 'status', workload, '-n', namespace, `--timeout=${seconds}s`], {
    timeout: (seconds + 10) * 1_000,
  })

export const isReady = (pod: KubeObject): boolean => conditionOf(pod, 'Ready') === 'True'
export const conditionOf = (object: KubeObject, type: string): string | undefined =>
  object['status']?.conditions?.find((condition: { readonly type: string }) => condition.type === type)?.status

export const podReady = (name: string, namespace: string, seconds = 60): Promise<KubeObject> =>
  waitFor(
    `pod ${namespace}/${name} is ready`,
    async () => {
      const pod = await get('pod', name, namespace)
      return isReady(pod) ? pod : undefined
    },
    { seconds },
  )

/** What a container wrote, without its waiting for more. */
export const logs = (pod: string, namespace: string, container: string): Promise<string> =>
  kubectl(['logs', pod, '-n', namespace, '-c', container])

/** What a container wrote, once it has written that: a pod is ready before its app has said a word. */
export const said = (what: RegExp, pod: string, namespace: string, container = 'app'): Promise<string> =>
  waitFor(`${pod} says ${what}`, async () => {
    const text = await logs(pod, namespace, container)
    return what.test(text) ? text : undefined
  })
