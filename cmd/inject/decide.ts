import { type AdmissionOutcome, type Annotations, speaksItself } from '../../src/injection/index.ts'
import { type Said, versionWarnings } from '../../src/manifests/index.ts'
import { admitPods, type Ground, type Lookup } from '../../src/webhook/index.ts'

export type Decider = {
  readonly decide: (pod: unknown, namespace: string) => Promise<AdmissionOutcome>
  /** What was asked about and nobody could tell: taken as saying nothing. */
  readonly unknown: ReadonlySet<string>
}

type Sources = {
  readonly said: Said
  readonly live: Lookup | undefined
  /** Minor version of the Kubernetes 1 that will run it, where it is known. */
  readonly serverVersion: number | undefined
}

/** The decision as the webhook's entries come to it, one behind the other. */
export function createDecider(ground: Ground, { said, live, serverVersion }: Sources): Decider {
  const { lookup, unknown } = lookupIn(said, live)
  const admit = admitPods(ground, ground.config['sources.enabled'] ? lookup : undefined)
  return {
    unknown,
    decide: async (pod, namespace) => {
      const own = await admit(pod, { namespace, entry: 'lanyard' })
      const eks = own.kind === 'skip' ? await admit(pod, { namespace, entry: 'eks' }) : own
      const outcome = eks.kind === 'skip' ? own : eks
      if (outcome.kind !== 'inject') return outcome
      const versions = serverVersion === undefined ? [] : versionWarnings(pod, serverVersion)
      return { ...outcome, warnings: [...outcome.warnings, ...versions, ...silenceWarnings(pod, own)] }
    },
  }
}

/** The files need not tell how the namespace is labelled. */
const silenceWarnings = (pod: unknown, own: AdmissionOutcome): readonly string[] =>
  own.kind !== 'inject' || speaksItself(pod)
    ? []
    : [
        'the pod itself asks for nothing: in the cluster this holds where its namespace is labelled lanyard.dev/injection=enabled',
      ]

/** What the files say, over what the cluster says, if there is one, as `kubectl apply` would have it: once for each object. */
function lookupIn(said: Said, live: Lookup | undefined): { lookup: Lookup; unknown: ReadonlySet<string> } {
  const unknown = new Set<string>()
  const answers = new Map<string, Promise<Annotations>>()
  const ask = (
    title: string,
    annotations: Annotations | undefined,
    fromCluster: () => Promise<Annotations> | undefined,
  ) => {
    const answer = answers.get(title) ?? merged(annotations, fromCluster())
    if (answer === undefined) unknown.add(title)
    const known = answer ?? Promise.resolve({})
    answers.set(title, known)
    return known
  }
  const lookup: Lookup = {
    serviceAccount: (namespace, name) =>
      ask(`ServiceAccount ${namespace}/${name}`, said.serviceAccount(namespace, name), () =>
        live?.serviceAccount(namespace, name),
      ),
    namespace: (name) => ask(`Namespace ${name}`, said.namespace(name), () => live?.namespace(name, true)),
  }
  return { lookup, unknown }
}

function merged(
  annotations: Annotations | undefined,
  live: Promise<Annotations> | undefined,
): Promise<Annotations> | undefined {
  if (annotations === undefined) return live
  return live === undefined ? Promise.resolve(annotations) : live.then((there) => ({ ...there, ...annotations }))
}
