import { X509Certificate } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { describe, expect, test } from 'vitest'
import { namesOf } from '../../../../src/webhook/authority/constraints.ts'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { parseAuthority } from '../../../../src/webhook/authority/parse.ts'
import { checkCertificate } from '../../../../src/webhook/index.ts'
import { HOUR, settings } from './world.ts'

const created = Date.UTC(2026, 2, 4, 5, 6, 7, 890)
const validity = { created, expires: created + HOUR }

async function make(name = settings) {
  const mint = createMint(name)
  const authority = parseAuthority({ ...(await mint.authority(validity)), until: undefined }, namesOf(name))
  if (typeof authority === 'string') throw new Error(authority)
  const pair = await mint.leaf(authority, validity.expires)
  return { authority, pair, root: new x509.X509Certificate(authority.cert), leaf: new x509.X509Certificate(pair.cert) }
}

describe('what is minted', () => {
  test('is a chain of two that a strict builder accepts', async () => {
    const { root, leaf, pair } = await make()
    const chain = await new x509.X509ChainBuilder({ certificates: [root] }).build(leaf)
    expect(chain.map(({ serialNumber }) => serialNumber)).toEqual([leaf.serialNumber, root.serialNumber])
    expect(await leaf.verify({ publicKey: root.publicKey, date: new Date(created) })).toBe(true)
    expect(await root.verify({ publicKey: root.publicKey, date: new Date(created) })).toBe(true)
    expect(new X509Certificate(pair.cert).checkIssued(new X509Certificate(root.toString('pem')))).toBe(true)
    expect(checkCertificate(pair).expires).toBe(Date.UTC(2026, 2, 4, 6, 6, 7))
  })

  test('carries the extensions of RFC 5280, critical where they must be', async () => {
    const { root, leaf } = await make()
    const extensions = ({ extensions }: x509.X509Certificate): [string, boolean][] =>
      extensions.map(({ type, critical }) => [type, critical])
    expect(extensions(root)).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.30', true],
      ['2.5.29.14', false],
    ])
    expect(extensions(leaf)).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.37', false],
      ['2.5.29.17', false],
      ['2.5.29.14', false],
      ['2.5.29.35', false],
    ])
    expect(root.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 })
    expect(leaf.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false)
    expect(leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([x509.ExtendedKeyUsage.serverAuth])
    const [issuerId, id] = [
      leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId,
      root.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    ]
    expect([issuerId, typeof id]).toEqual([id, 'string'])
  })

  test('begins five minutes early and tells its own true beginning', async () => {
    const { authority, leaf } = await make()
    expect(leaf.notBefore.toISOString()).toBe('2026-03-04T05:01:07.000Z')
    expect([authority.created, authority.expires]).toEqual([created - 890, created - 890 + HOUR])
  })

  test('is minted for the longest names that Kubernetes allows', async () => {
    const long = { ...settings, service: 's'.repeat(63), namespace: 'n'.repeat(63) }
    const { leaf } = await make(long)
    expect(new X509Certificate(leaf.toString('pem')).checkHost(`${long.service}.${long.namespace}.svc`)).toBeDefined()
  })

  test('is refused by an authority without key', async () => {
    const { authority } = await make()
    await expect(createMint(settings).leaf({ ...authority, key: undefined }, validity.expires)).rejects.toMatchObject({
      code: 'Internal',
    })
  })

  test('differs every time', async () => {
    const made = await Promise.all([make(), make()])
    expect(new Set(made.flatMap(({ root, leaf }) => [root.serialNumber, leaf.serialNumber])).size).toBe(4)
    expect(new Set(made.map(({ root }) => root.subject)).size).toBe(2)
  })
})
