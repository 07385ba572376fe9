import { describe, expect, it } from 'vitest'
import { exampleOf, podEntries, podSettings, processSettings, settingsOf } from '../../../src/settings/index.ts'

describe('every setting', () => {
  const pod = podEntries.map(([key, { kind }]) => [key, kind] as const)
  const process = (['webhook', 'sidecar'] as const).flatMap((name) =>
    settingsOf(name).map(([key, { kind }]) => [`${name} ${key}`, kind] as const),
  )

  it.each([...pod, ...process])('%s has an example that it reads', (_, kind) => {
    expect(kind.form).not.toBe('')
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

  it('shows its default as the example, which it reads too', () => {
    for (const name of Object.keys(processSettings) as (keyof typeof processSettings)[]) {
      for (const [key, setting] of settingsOf(name)) {
        const example = exampleOf(setting)
        expect([key, setting.kind.parse(example).ok]).toEqual([key, true])
        if (setting.default !== undefined) expect(example).toBe(setting.default)
      }
    }
  })

  it("of a pod's ports shows the operator's default as the example", () => {
    const { webhook } = processSettings
    for (const key of ['credentialsPort', 'metricsPort'] as const) {
      expect(podSettings[key].kind.example).toBe(webhook[podSettings[key].operator].default)
    }
  })

  it('that shares its kind with another has an example of its own, where there is no default', () => {
    const paths = settingsOf('webhook').filter(([key, { default: text }]) => key.endsWith('File') && text === undefined)
    const examples = paths.map(([, { kind }]) => kind.example)
    expect(new Set(examples).size).toBe(paths.length)
    expect(processSettings.webhook['sidecar.acceptedImages'].kind.example).not.toContain('linkerd')
  })
})
