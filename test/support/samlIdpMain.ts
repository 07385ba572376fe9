/**
 * The identity provider of samlIdp.ts as a process: `node samlIdpMain.ts FILE`. FILE is JSON with `host`, `port`,
 * `certificate` and `key` (paths of PEM files), `entityId`, `users` and `roles`; `style`, `serviceProvider` and `recipient` are
 * optional, and so are `signer`, the key that signs, and `metadata`, where its metadata is to be written. It prints its address
 * once it listens; `GET /healthz` answers 200.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { startSamlIdp } from './samlIdp.ts'
import { createSigner, type Signer, styles } from './samlXml.ts'

type Configuration = {
  readonly host: string
  readonly port: number
  readonly certificate: string
  readonly key: string
  readonly entityId: string
  readonly users: Readonly<Record<string, string>>
  readonly roles: readonly (readonly [string, string])[]
  readonly signer?: Signer
  readonly metadata?: string
  readonly style?: keyof typeof styles
  readonly serviceProvider?: string
  readonly recipient?: string
}

const [, , path = ''] = process.argv
const {
  certificate,
  key,
  style = 'okta',
  signer,
  metadata,
  ...configuration
}: Configuration = JSON.parse(readFileSync(path, 'utf8'))
const idp = await startSamlIdp({
  ...configuration,
  style: styles[style],
  signer: signer ?? (await createSigner()),
  certificate: { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') },
  now: Date.now,
})
if (metadata !== undefined) writeFileSync(metadata, idp.metadata)
process.stdout.write(`${JSON.stringify({ url: idp.url })}\n`)
process.once('SIGTERM', () => void idp.stop())
