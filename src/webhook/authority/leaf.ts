import { Failure, toFailure } from '../../errors/index.ts'
import type { CertificatePair } from '../tls.ts'
import type { Mint } from './mint.ts'
import { describeAuthority } from './reconcile.ts'
import type { TrustRecord } from './trust.ts'
import type { Authority, AuthorityParts, Instant, Validity } from './types.ts'
import { signingOrder } from './validity.ts'

const MINUTE = 60_000

/** The serving certificate of this replica. */
export type LeafKeeper = {
  /** Throws Failure CertificateInvalid while there is none. */
  current(): CertificatePair
  onChange(listener: (pair: CertificatePair) => void): () => void
  /** The id of the authority that signed it. */
  serving(): string | undefined
  isServed(): boolean
  /** When it is to be renewed. */
  renewsAt(): Instant | undefined
  /**
   * Makes a new one where that is due and one of the authorities may be served; tells whether it did. One at a time; it never
   * throws.
   */
  consider(authorities: readonly Authority[]): Promise<boolean>
  /** Nothing is replaced any more. */
  stop(): void
}

type Parts = Pick<AuthorityParts, 'clock' | 'random' | 'settings' | 'log' | 'metrics'> & {
  readonly mint: Mint
  readonly record: TrustRecord
}

type Leaf = Validity & { readonly pair: CertificatePair; readonly authority: Authority; readonly renewAt: Instant }

/** Keeps the key in memory alone. */
export function createLeafKeeper(parts: Parts): LeafKeeper {
  const { clock, log, metrics } = parts
  const listeners = new Set<(pair: CertificatePair) => void>()
  let leaf: Leaf | undefined
  let isBusy = false
  let isStopped = false

  const replace = (next: Leaf): void => {
    if (isStopped) return
    leaf = next
    metrics.caExpires(next.authority.expires / 1_000)
    const { authority, expires } = describeAuthority(next.authority)
    log.info('serving certificate issued', {
      expires: new Date(next.expires).toISOString(),
      authority,
      authorityExpires: expires,
    })
    for (const listener of listeners) listener(next.pair)
  }
  const consider = async (authorities: readonly Authority[]): Promise<boolean> => {
    const signer = isBusy || isStopped ? undefined : signerOf(parts, authorities, leaf)
    if (signer === undefined) return false
    isBusy = true
    try {
      replace(await issue(parts, signer))
      return true
    } catch (thrown) {
      log.error('serving certificate not issued', { error: toFailure(thrown) })
      return false
    } finally {
      isBusy = false
    }
  }
  return {
    current: () => leaf?.pair ?? fail(),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    serving: () => leaf?.authority.id,
    isServed: () => leaf !== undefined && clock.now() < leaf.expires,
    renewsAt: () => leaf?.renewAt,
    consider,
    stop: () => {
      isStopped = true
    },
  }
}

/** The authority that is to sign a new certificate now, if any. */
function signerOf(
  { clock, record, settings }: Parts,
  authorities: readonly Authority[],
  leaf: Leaf | undefined,
): Authority | undefined {
  const now = clock.now()
  // Where nobody trusts what is served, there is nothing to wait for.
  const isLost = leaf !== undefined && !record.trusted().has(leaf.authority.id)
  const mayServe = (authority: Authority): boolean => {
    const wait = record.settlesIn(authority)
    return authority.id === leaf?.authority.id || wait === 0 || (isLost && wait !== undefined)
  }
  // Whoever has just started may not serve the next authority before the settling: by then a first one must not have ended.
  const lasts = ({ expires }: Authority): boolean => leaf !== undefined || expires - now > 2 * settings.settle
  const signer = signingOrder(authorities, now, settings).find((authority) => mayServe(authority) && lasts(authority))
  return signer !== undefined && isDue(leaf, signer, now) ? signer : undefined
}

/** After a clock was set back, `renewAt` is too late. */
const isDue = (leaf: Leaf | undefined, signer: Authority, now: Instant): boolean =>
  leaf === undefined || leaf.authority.id !== signer.id || now >= leaf.renewAt || now + MINUTE < leaf.created

async function issue({ clock, random, mint, settings }: Parts, authority: Authority): Promise<Leaf> {
  const created = clock.now()
  const expires = Math.min(created + settings.certificateLifetime, authority.expires)
  const pair = await mint.leaf(authority, expires)
  // One that ends with its authority cannot be made to last longer.
  const share = expires === authority.expires ? 1 : 2 / 3 - 0.1 * random()
  return { created, expires, pair, authority, renewAt: created + share * (expires - created) }
}

const fail = (): never => {
  throw new Failure({ code: 'CertificateInvalid', message: 'the built-in authority has issued no certificate yet' })
}
