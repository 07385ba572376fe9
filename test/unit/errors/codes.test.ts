import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Code, codes, describe as entryOf } from '../../../src/errors/index.ts'

const all = Object.keys(codes) as Code[]
const sentences = /^[A-Za-z(].*[.]$/s

describe('every code', () => {
  it.each(all)('%s has a name, a cause, something to do, and a retry policy where somebody retries', (code) => {
    const { area, cause, fix, retry } = entryOf(code)
    expect(code).toMatch(/^[A-Z][A-Za-z]+$/)
    expect(cause).toMatch(sentences)
    expect(fix).toMatch(sentences)
    for (const text of [cause, fix]) {
      expect(text).not.toMatch(/\s\s|\n|^\s|\s$|\.\.$/)
      expect(text.length).toBeLessThan(250)
    }
    expect(retry !== undefined).toBe(['token', 'provider', 'saml', 'sts', 'cluster'].includes(area))
  })

  it('is in one table: of two with the same name, one would be lost', async () => {
    const folder = new URL('../../../src/errors/codes/', import.meta.url)
    const tables = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)))
    const entries = tables.flatMap(Object.values).flatMap((table) => Object.entries(table))
    expect(entries.filter(([code, entry]) => entryOf(code as Code) !== entry)).toEqual([])
    expect(new Set(entries.map(([code]) => code))).toEqual(new Set(all))
  })

  it('is of an area, and has a cause of its own there', () => {
    const areas = [
      ...[
        'admission',
        'skip',
        'review',
        'token',
        'provider',
        'saml',
        'sts',
        'endpoint',
        'user',
        'cluster',
        'process',
        'issuer',
        'trust',
        'doctor',
      ],
    ]
    for (const code of all) expect(areas).toContain(entryOf(code).area)
    const causes = all.map((code) => `${entryOf(code).area}: ${entryOf(code).cause}`)
    expect(causes.filter((cause, index) => causes.indexOf(cause) !== index)).toEqual([])
  })
})
