import { Failure } from '../../errors/index.ts'
import type { Outbound } from '../../federation/index.ts'
import { type AdmissionOutcome, decide, serviceAccountOf } from '../../injection/index.ts'
import type { Container } from '../../injection/types.ts'
import { variableOf } from '../../settings/index.ts'
import { admitPods, type Lookup } from '../../webhook/index.ts'
import type { ClusterPort, Deployed, Ground, IssuerDocuments, Subject, Target } from '../ground.ts'
import { type ConfigurationOptions, readDeployed } from './configuration.ts'
import { chooseFocus } from './focus.ts'
import { findInstallation } from './installation.ts'
import { askedOnce, memo, once } from './memo.ts'
import { annotationsOf, type JsonObject } from './objects.ts'
import { namespacePlace, serviceAccountPlace } from './places.ts'
import { sidecarIn } from './pods.ts'
import { ENTRIES, entriesFor, isReached } from './reach.ts'
import { readStory } from './story.ts'
import { findSubjects, placeOf } from './subjects.ts'

export type GroundOptions = Omit<ConfigurationOptions, 'cluster'> & {
  readonly target: Target
  readonly systemNamespace: string
  readonly isDryRunAllowed: boolean
  readonly cluster: ClusterPort
  readonly fetchPublic: Outbound
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Nothing is asked before a check asks it. */
export function createGround(options: GroundOptions): Ground {
  const { target, isDryRunAllowed, fetchPublic, now, version, systemNamespace } = options
  const cluster = askedOnce(options.cluster)
  const asking = { ...options, cluster }
  const installation = once(() => findInstallation(cluster, systemNamespace))
  const configuration = once(async () => {
    const found = await installation()
    return found?.injector === 'webhook' ? await readDeployed(found, asking) : undefined
  })
  const named = once(async () => {
    const place = placeOf(target)
    return place && (await cluster.get(place))
  })
  const deciding: Deciding = { cluster, installation, configuration }
  const decision = memo((subject: Subject) => decideOn(subject, deciding))
  const subjects = once(async () => {
    const isMeant = (subject: Subject): Promise<boolean> => isMeantSilently(subject, deciding, decision)
    return await findSubjects({ cluster, target, named: await named(), isMeant })
  })
  const story = memo((subject: Subject) => readStory(cluster, subject))
  return {
    ...{
      now,
      version,
      target,
      isDryRunAllowed,
      cluster,
      installation,
      configuration,
      named,
      subjects,
      fetchPublic,
      decision,
    },
    focus: once(async () => chooseFocus(await subjects(), story)),
    namespaceOf: (subject) => namespaceOf(subject, cluster),
    serviceAccountOf: (subject) => accountOf(subject, cluster),
    sidecar: memo((subject: Subject) => findSidecar(subject, deciding)),
    story,
    issuerDocuments: once(() => readIssuer(cluster)),
  }
}

type Deciding = Pick<Ground, 'cluster' | 'installation' | 'configuration'>

const namespaceOf = ({ namespace }: Subject, cluster: ClusterPort): Promise<JsonObject | undefined> =>
  cluster.get(namespacePlace(namespace))
const accountOf = ({ namespace, pod }: Subject, cluster: ClusterPort): Promise<JsonObject | undefined> =>
  cluster.get(serviceAccountPlace(namespace, serviceAccountOf(pod)))

/** What the webhook would say; a pod that nobody asks it about is none that asked. */
async function decideOn(subject: Subject, deciding: Deciding): Promise<AdmissionOutcome | undefined> {
  const { installation, configuration, cluster } = deciding
  const [found, deployed] = [await installation(), await configuration()]
  if (found === undefined || deployed === undefined) return undefined
  const [namespace, account] = await Promise.all([namespaceOf(subject, cluster), accountOf(subject, cluster)])
  const lookup: Lookup = {
    serviceAccount: () => Promise.resolve(annotationsOf(account)),
    namespace: () => Promise.resolve(annotationsOf(namespace)),
  }
  const ground = withAuthorities(deployed, subject)
  const admit = admitPods(ground, ground.config['sources.enabled'] ? lookup : undefined)
  let outcome: AdmissionOutcome = { kind: 'skip', reason: 'NotRequested', warnings: [] }
  for (const name of entriesFor(subject)) {
    // Of one that asks itself it is said what would become of it where it is heard.
    if (name !== ENTRIES.own && !isReached(found, name, namespace ?? {})) continue
    const entry = name === ENTRIES.eks ? 'eks' : 'lanyard'
    outcome = await admit(subject.pod, { namespace: subject.namespace, entry })
    if (outcome.kind !== 'skip') return outcome
  }
  return outcome
}

/** Where they cannot be looked at, those of the pod's own sidecar stand for them: else each pod would seem outdated. */
function withAuthorities(deployed: Deployed, { pod }: Subject): Deployed {
  if (deployed.stsCa !== undefined || deployed.config['aws.stsCaFile'] === undefined) return deployed
  const own = sidecarIn(pod)?.env?.find(({ name }) => name === variableOf('sts.ca'))?.value
  return own ? { ...deployed, stsCa: own } : deployed
}

/** Of a pod that says nothing itself: whether its account or namespace speaks for it, as far as the caller may know. */
async function isMeantSilently(subject: Subject, deciding: Deciding, decision: Ground['decision']): Promise<boolean> {
  try {
    const found = await deciding.installation()
    const namespace = (await namespaceOf(subject, deciding.cluster)) ?? {}
    if (found === undefined || !entriesFor(subject).some((name) => isReached(found, name, namespace))) return false
    return ((await decision(subject))?.kind ?? 'skip') !== 'skip'
  } catch (thrown) {
    // The checks of these objects say it once.
    if (thrown instanceof Failure) return false
    throw thrown
  }
}

async function findSidecar(subject: Subject, deciding: Deciding): Promise<Container | undefined> {
  const own = sidecarIn(subject.pod)
  const deployed = own === undefined ? await deciding.configuration() : undefined
  if (own !== undefined || deployed === undefined) return own
  const [namespace, account] = await Promise.all([
    namespaceOf(subject, deciding.cluster),
    accountOf(subject, deciding.cluster),
  ])
  const sources = {
    serviceAccount: { name: serviceAccountOf(subject.pod), annotations: annotationsOf(account) },
    namespace: annotationsOf(namespace),
  }
  const withSources = deployed.config['sources.enabled'] ? { sources } : {}
  const decided = decide(subject.pod, { ...deployed, namespace: subject.namespace, ...withSources })
  return decided.kind === 'inject' ? decided.plan.sidecars[0] : undefined
}

/** What the API server itself answers of its issuer (service account issuer discovery). */
async function readIssuer(cluster: ClusterPort): Promise<IssuerDocuments> {
  const [discovery, keys] = await Promise.all([
    cluster.text({ path: '/.well-known/openid-configuration', title: "the issuer's discovery document" }),
    cluster.text({ path: '/openid/v1/jwks', title: "the issuer's keys" }),
  ])
  return { discovery, keys }
}
