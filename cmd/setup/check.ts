import process from 'node:process'
import { compareKeys, MOST_CHARACTERS, readPublished, STS_PATIENCE } from '../../src/issuer/index.ts'
import { createOutbound } from '../../src/outbound/index.ts'
import { VERSION } from '../../src/version.ts'
import { proxyOf } from '../proxy.ts'
import { EXIT } from '../run.ts'
import type { IssuerDocuments } from './documents.ts'
import { tellFindings } from './tell.ts'

/** Reads what is published, from where this runs, and compares it with what the cluster has. */
export async function checkPublished({ discovery, keys }: IssuerDocuments): Promise<void> {
  // Longer than STS waits, so that a slow answer is seen to be slow.
  const patience = 3 * STS_PATIENCE
  const fetch = createOutbound({
    connectTimeout: patience,
    totalTimeout: patience,
    maxBytes: MOST_CHARACTERS,
    ...proxyOf(process.env),
    now: Date.now,
    version: VERSION,
  })
  const published = await readPublished(async (url) => {
    const began = performance.now()
    const { status, body } = await fetch({ method: 'GET', url }, new AbortController().signal)
    return { status, body, took: performance.now() - began }
  }, discovery.issuer)
  const differences = published.keys === undefined ? [] : compareKeys({ live: keys, published: published.keys })
  const findings = [...published.findings, ...differences]
  tellFindings(findings)
  if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = EXIT.failed
  else process.stdout.write(`${discovery.issuer} is published, with every key of the cluster.\n`)
}
