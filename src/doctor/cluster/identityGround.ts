import type { PodIdentity } from '../../federation/index.ts'
import { serviceAccountOf } from '../../injection/index.ts'
import type { Container } from '../../injection/types.ts'
import { EXPIRATION, REFRESH } from '../../status/index.ts'
import type { Ground, SidecarStory, Subject } from '../ground.ts'
import { type Failing, type IdentityGround, type Intended, intendedOf } from '../identity/index.ts'
import { ifAllowed } from './memo.ts'
import { nameOf } from './objects.ts'
import { canTell } from './pods.ts'

/** What the caller gave, and what only a command can do. */
export type IdentityOptions = Pick<IdentityGround, 'exchange' | 'roleFile' | 'providerFile' | 'uptime'>

/** What the checks of the identity may know from outside the pod: of the one pod that is looked at in depth. */
export function identityGroundOf(ground: Ground, options: IdentityOptions): IdentityGround {
  const { issuerDocuments, fetchPublic, now } = ground
  return {
    ...options,
    intended: () => intendedFor(ground),
    live: issuerDocuments,
    token: undefined,
    failing: async () => failingIn(await storyOf(ground), now()),
    skew: async () => skewIn(await storyOf(ground)),
    fetchPublic,
    now,
  }
}

/** A pod that has a sidecar or would have one, whose identity that is, and the sidecar's variables as its process sees them. */
export type Outside = {
  readonly subject: Subject
  readonly identity: PodIdentity
  readonly env: Readonly<Record<string, string>>
}

/** Of the pod that is looked at in depth; undefined where there is none. */
export async function seenFromOutside(ground: Ground): Promise<Outside | undefined> {
  const focus = await ground.focus()
  // Without the configuration only a sidecar that is there says what it is to do.
  const sidecar = focus && (await ifAllowed(ground.sidecar(focus)))
  if (focus === undefined || sidecar === undefined) return undefined
  const { namespace, pod } = focus
  const identity = { namespace, pod: nameOf(pod), serviceaccount: serviceAccountOf(pod) }
  return { subject: focus, identity, env: variablesOf(sidecar) }
}

async function intendedFor(ground: Ground): Promise<Intended | undefined> {
  const seen = await seenFromOutside(ground)
  return seen && intendedOf({ title: seen.subject.title, pod: seen.identity, env: seen.env })
}

/** As the process sees them: kubelet reads `$$` as `$`. */
const variablesOf = ({ env }: Container): Readonly<Record<string, string>> =>
  Object.fromEntries((env ?? []).flatMap(({ name, value }) => (value ? [[name, value.replaceAll('$$', '$')]] : [])))

/** Of a sidecar that is there. */
async function storyOf(ground: Ground): Promise<SidecarStory | undefined> {
  const focus = await ground.focus()
  return focus !== undefined && canTell(focus) ? await ground.story(focus) : undefined
}

function failingIn(story: SidecarStory | undefined, now: number): readonly Failing[] {
  return (story?.failing ?? []).map(({ session, problem }) => ({
    session,
    problem,
    isHeld: sampleOf(story, EXPIRATION, session) * 1_000 > now,
  }))
}

const sampleOf = (story: SidecarStory | undefined, of: string, session?: string): number =>
  story?.samples?.find(({ name, labels }) => name === of && (session === undefined || labels['session'] === session))
    ?.value ?? 0

/** In milliseconds; not before STS has answered once. */
function skewIn(story: SidecarStory | undefined): number | undefined {
  const hasAnswered = story?.samples?.some(({ name, value }) => name === REFRESH && value > 0)
  return hasAnswered ? sampleOf(story, 'lanyard_clock_skew_seconds') * 1_000 : undefined
}
