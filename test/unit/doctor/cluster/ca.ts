import { createCertificateAuthority } from '../../../../src/testbed/index.ts'
import { NOW } from './world.ts'

const encoded = (pem: string): string => Buffer.from(pem).toString('base64')

/** caBundles: one that holds, one whose time is over. */
export const bundles = async () => {
  const [now, past] = await Promise.all([
    createCertificateAuthority({ name: 'now', now: () => NOW }),
    createCertificateAuthority({ name: 'past', now: () => NOW - 20 * 365 * 86_400_000 }),
  ])
  return { good: encoded(now.pem), expired: encoded(past.pem), both: encoded(past.pem + now.pem) }
}
