import { X509Certificate } from 'node:crypto'
import { expect } from 'vitest'
import type { CertificatePair } from '../../../../src/webhook/index.ts'
import { createWorld, MINUTE, type Replica, SECOND, settings, type World } from './world.ts'

export const HOST = `${settings.service}.${settings.namespace}.svc`

const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
export const certificatesIn = (bundle: string): readonly X509Certificate[] =>
  (bundle.match(blocks) ?? []).map((pem) => new X509Certificate(pem))

/** Signatures take long to verify, and the same are asked for again and again. */
const verified = new Map<string, X509Certificate | undefined>()

function issuerOf(leaf: X509Certificate, bundle: string): X509Certificate | undefined {
  const question = `${leaf.fingerprint256} ${bundle}`
  if (!verified.has(question)) {
    const found = certificatesIn(bundle).find((each) => leaf.checkIssued(each) && leaf.verify(each.publicKey))
    verified.set(question, found)
  }
  return verified.get(question)
}

/** What keeps an API server at that instant from trusting the pair, if anything does: signature, times, name. */
export function whyDistrusted({ cert }: CertificatePair, bundle: string, now: number): string | undefined {
  const leaf = new X509Certificate(cert)
  const issuer = issuerOf(leaf, bundle)
  if (issuer === undefined) return 'signed by unknown authority'
  const isWithin = ({ validFrom, validTo }: X509Certificate): boolean =>
    Date.parse(validFrom) <= now && now < Date.parse(validTo)
  if (!isWithin(issuer)) return 'the authority is not valid now'
  if (!isWithin(leaf)) return 'the certificate is not valid now'
  return leaf.checkHost(HOST) === undefined ? 'another name' : undefined
}

/** Fails when an API server that learns of bundles within the settling time may distrust what a replica serves. */
export function checkTrust({ cluster, clock }: World, replicas: readonly Replica[]): void {
  for (const { authority } of replicas.filter((replica) => replica.authority.trusted())) {
    for (const bundle of new Set(cluster.believed(settings.settle - 1))) {
      expect(whyDistrusted(authority.current(), bundle, clock.trueNow())).toBeUndefined()
    }
  }
}

/** The number of the authority in the bundle that signed what is served, from 0. */
export const signerOf = ({ authority }: Replica, bundle: string): number => {
  const leaf = new X509Certificate(authority.current().cert)
  return certificatesIn(bundle).findIndex((each) => leaf.verify(each.publicKey))
}

/** What the log was told of failures at that level. */
export const told = ({ lines }: Replica, level: string): string[] =>
  lines.filter((line) => line.level === level).map(({ event, fields }) => `${event}: ${fields['error']}`)

/** Two replicas that have served for a while. */
export async function settled(hasWatch = true): Promise<{ world: World; replicas: [Replica, Replica] }> {
  const world = createWorld({ hasWatch })
  const replicas: [Replica, Replica] = [world.start(), world.start()]
  await world.advance(10 * MINUTE)
  return { world, replicas }
}

/** Time passes, and at every second what is served is trusted. */
export async function passTrusted(
  world: World,
  replicas: readonly Replica[],
  time: number,
  step = SECOND,
): Promise<void> {
  for (let at = 0; at < time; at += step) {
    await world.advance(step)
    checkTrust(world, replicas)
    expect(replicas.every(({ authority }) => authority.trusted())).toBe(true)
  }
}
