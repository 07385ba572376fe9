import { describe, expect, it } from 'vitest'
import { podEntries, processSettings, settingsOf } from '../../../src/settings/index.ts'

describe('every setting', () => {
  const pod = podEntries.map(([key, { kind }]) => [key, kind] as const)
  const process = (['webhook', 'sidecar'] as const).flatMap((name) =>
    settingsOf(name).map(([key, { kind }]) => [`${name} ${key}`, kind] as const),
  )

  it.each([...pod, ...process])('%s has an example that it reads', (_, kind) => {
    expect(kind.form).not.toBe('')
    if (kind.form.startsWith('PEM')) return
    expect(kind.parse(kind.example)).toMatchObject({ ok: true })
  })

  it('has a default that it reads, or none', () => {
    for (const name of Object.keys(processSettings) as (keyof typeof processSettings)[]) {
      for (const [key, { kind, default: text, required }] of settingsOf(name)) {
        if (text !== undefined) expect([key, kind.parse(text).ok]).toEqual([key, true])
        expect(text !== undefined && required === true).toBe(false)
      }
    }
  })
})
