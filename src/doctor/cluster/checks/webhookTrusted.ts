import { X509Certificate } from 'node:crypto'
import type { Ground, Installation } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { entriesOf } from '../installation.ts'
import { type JsonObject, textAt } from '../objects.ts'
import { probe } from '../probe.ts'

/** Whether the API server trusts the webhook: what it trusts, and a call of its own as the proof. */
export const webhookTrusted: Check<Ground> = {
  id: 'webhook-trusted',
  title: 'the API server reaches the webhook, and trusts it',
  needs: ['api-server'],
  unless: ['installed', 'webhook-up'],
  look: async (ground) => {
    const found = await ground.installation()
    if (found?.injector !== 'webhook') return [{ verdict: 'ok', message: 'there is none to trust' }]
    const wrong = entriesOf(found.object).flatMap((entry) => bundleFindings(entry, found, ground.now()))
    return wrong.length > 0 ? wrong : await probe(ground, found)
  },
}

/** What can be seen of a caBundle without asking anybody. */
function bundleFindings(entry: JsonObject, found: Installation, now: number): readonly Finding[] {
  const text = textAt(entry, 'clientConfig', 'caBundle') ?? ''
  const message = trouble(Buffer.from(text, 'base64').toString('latin1'), now)
  if (message === undefined) return []
  const subject = `mutatingwebhookconfiguration/${textAt(found.object, 'metadata', 'name')}, entry ${textAt(entry, 'name')}`
  return [{ verdict: 'fail', code: 'WebhookAuthorityWrong', subject, message }]
}

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g

/** Of several authorities one is enough: of an old one the time may be over. */
function trouble(bundle: string, now: number): string | undefined {
  if (bundle === '') return 'the caBundle is empty'
  const blocks = bundle.match(BLOCK) ?? []
  if (blocks.length === 0) return 'the caBundle holds no certificate in PEM'
  const read = blocks.map(readCertificate)
  if (read.includes(undefined)) return 'the caBundle holds a certificate that does not parse'
  const holds = read.some(
    (one) => one !== undefined && one.validFromDate.getTime() <= now && now < one.validToDate.getTime(),
  )
  return holds ? undefined : 'every certificate of the caBundle has expired, or begins in the future'
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
