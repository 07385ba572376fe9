import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { dropTexts } from '../../../scripts/build/texts.ts'
import { codes } from '../../../src/errors/index.ts'
import { podSettings } from '../../../src/settings/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
async function load<T>(entry: string): Promise<T> {
  const options = { absWorkingDir: root, bundle: true, format: 'esm', platform: 'node', write: false } as const
  const { outputFiles } = await build({ ...options, entryPoints: [entry], tsconfigRaw: {}, plugins: [dropTexts] })
  return await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
}
const without = (entry: object, ...names: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => !names.includes(name) && typeof value !== 'object'),
  )

test('of codes, the causes are left out and nothing else', async () => {
  const loaded = await load<{ codes: typeof codes }>('src/errors/index.ts')
  expect(Object.keys(loaded.codes)).toEqual(Object.keys(codes))
  for (const [code, entry] of Object.entries(codes))
    expect(loaded.codes[code as keyof typeof codes]).toEqual(without(entry, 'cause'))
})

test('of settings, what is for the reference is left out and nothing else', async () => {
  const loaded = await load<{ podSettings: typeof podSettings }>('src/settings/index.ts')
  expect(Object.keys(loaded.podSettings)).toEqual(Object.keys(podSettings))
  for (const [key, setting] of Object.entries(podSettings)) {
    const { kind, ...rest } = loaded.podSettings[key as keyof typeof podSettings]
    expect(rest).toEqual(without(setting, 'doc', 'otherwise'))
    expect([kind.form, kind.example]).toEqual([setting.kind.form, setting.kind.example])
  }
})
