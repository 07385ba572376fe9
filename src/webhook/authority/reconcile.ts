import { Failure } from '../../errors/index.ts'
import type { Log } from '../../terminal/log.ts'
import { bundleOf } from './bundle.ts'
import { namesOf } from './constraints.ts'
import type { Mint } from './mint.ts'
import { parseAuthority } from './parse.ts'
import { type AuthorityPlan, planAuthorities } from './plan.ts'
import type { HeldValues, WriteResult } from './ports.ts'
import { afterConflict } from './retry.ts'
import { changesOf, parseValues } from './stored.ts'
import type { Teller } from './tell.ts'
import type { TrustRecord } from './trust.ts'
import type { Authority, AuthorityParts, Milliseconds, Validity } from './types.ts'

/** What one replica knows when it reconciles. */
export type Reconciling = Pick<AuthorityParts, 'secret' | 'trust' | 'clock' | 'random' | 'settings'> & {
  readonly mint: Mint
  readonly log: Log
  readonly record: TrustRecord
  /** What this replica last saw in the Secret, and the id of the authority whose certificate it serves. */
  readonly known: readonly Authority[]
  readonly serving: () => string | undefined
  readonly tell: Pick<Teller, 'repaired' | 'bundleWritten'>
  /** What the Secret holds that is good: it may be served before anything is written, or though nothing can be. */
  readonly onRead: (authorities: readonly Authority[]) => void
  readonly onWritten: () => void
  readonly pause: (time: Milliseconds) => Promise<void>
}

/** Reads, writes and conflicts together; with nobody else at work three do. */
const MOST_ROUNDS = 12

/**
 * Makes the Secret and the caBundles what they should be, and gives the authorities. Each round does one thing and reads all
 * anew, until there is nothing to do; so replicas that do it at the same time come to the same end.
 * @throws Failure ClusterConflict, and whatever the stores throw.
 */
export async function reconcile(parts: Reconciling): Promise<readonly Authority[]> {
  let conflicts = 0
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = await oneRound(parts)
    if (typeof result !== 'string') return result
    if (result === 'written') {
      parts.onWritten()
      continue
    }
    conflicts += 1
    await parts.pause(afterConflict(conflicts, parts.random()))
  }
  throw new Failure({ code: 'ClusterConflict', message: `the authority is not written after ${MOST_ROUNDS} rounds` })
}

/**
 * The caBundles are read before the Secret. Whoever then writes a bundle that the Secret has outgrown writes it over a version
 * that has passed, unless nobody has written the newer bundle yet: an older one never replaces a newer one.
 */
async function oneRound(parts: Reconciling): Promise<WriteResult | readonly Authority[]> {
  const { bundles, version } = await parts.trust.read()
  parts.record.observe(bundles)
  if (bundles.length === 0) throw noEntries()
  const held = await parts.secret.read()
  const stored = parseValues(held.values, namesOf(parts.settings), parts.known)
  const { record, known, settings, clock } = parts
  const trusted = record.trustedSomewhere()
  const input = { stored: stored.authorities, known, trusted, serving: parts.serving(), now: clock.now() }
  const plan = planAuthorities(input, settings)
  const problems = [...stored.problems, ...plan.problems]
  parts.onRead(plan.keep)
  if (plan.isChanged || plan.create.length > 0 || problems.length > 0 || stored.isUntidy) {
    return writeAuthorities(parts, { ...plan, problems }, held)
  }
  const bundle = bundleOf(plan.keep)
  if (bundles.every((each) => each === bundle)) return plan.keep
  const result = await parts.trust.write(
    bundles.map(() => bundle),
    version,
  )
  if (result === 'written') parts.tell.bundleWritten(bundle)
  return result
}

async function writeAuthorities(
  { mint, secret, settings, log, tell }: Reconciling,
  { keep, create, problems }: AuthorityPlan,
  held: HeldValues,
): Promise<WriteResult> {
  const names = namesOf(settings)
  const created = await Promise.all(create.map((validity) => newAuthority(mint, validity, names)))
  const result = await secret.write(changesOf(held.values, [...keep, ...created]), held)
  if (result === 'conflict') return result
  for (const authority of created) log.info('authority created', describeAuthority(authority))
  tell.repaired(problems)
  return result
}

/** Read as strictly as if somebody else had made it. */
async function newAuthority(mint: Mint, validity: Validity, names: readonly string[]): Promise<Authority> {
  const made = parseAuthority({ ...(await mint.authority(validity)), until: undefined }, names)
  if (typeof made === 'string') throw new Failure({ code: 'Internal', message: `a new authority is unusable: ${made}` })
  return made
}

/** What a log line tells of an authority. */
export const describeAuthority = ({ id, expires }: Authority): { authority: string; expires: string } => ({
  authority: id.slice(0, 16),
  expires: new Date(expires).toISOString(),
})

const noEntries = (): Failure =>
  new Failure({
    code: 'ClusterObjectMissing',
    field: 'tls.webhookConfiguration',
    message: 'the MutatingWebhookConfiguration has no entries',
  })
