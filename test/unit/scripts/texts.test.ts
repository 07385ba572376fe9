import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { type Bundle, bundleOf, optionsOf } from '../../../scripts/build/bundles.ts'
import { dropTexts } from '../../../scripts/build/texts.ts'
import { codes } from '../../../src/errors/index.ts'
import { podSettings } from '../../../src/settings/index.ts'
import * as sources from './toldTexts.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
async function load<T>(entry: string, tellsCauses = false): Promise<T> {
  const options = { absWorkingDir: root, bundle: true, format: 'esm', platform: 'node', write: false } as const
  const plugins = [dropTexts({ tellsCauses })]
  const { outputFiles } = await build({ ...options, entryPoints: [entry], tsconfigRaw: {}, plugins })
  return await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
}
const without = (entry: object, ...names: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => !names.includes(name) && typeof value !== 'object'),
  )

test('of codes, the causes that no sidecar tells are left out and nothing else', async () => {
  const loaded = await load<{ codes: typeof codes }>('src/errors/index.ts')
  expect(Object.keys(loaded.codes)).toEqual(Object.keys(codes))
  for (const [code, entry] of Object.entries(codes)) {
    const isUntold = ['token', 'sts', 'provider', 'saml'].includes(entry.area)
    expect(loaded.codes[code as keyof typeof codes]).toEqual(isUntold ? without(entry, 'cause') : entry)
  }
})

test('of codes, nothing is left out where the causes are told', async () => {
  expect((await load<{ codes: typeof codes }>('src/errors/index.ts', true)).codes).toEqual(codes)
})

describe('what a bundle tells is what the sources tell', () => {
  async function built(bundle: Bundle): Promise<typeof sources> {
    const entry = 'test/unit/scripts/toldTexts.ts'
    const { outputFiles } = await build({ ...optionsOf({ ...bundle, entry }, root), write: false })
    const module = { exports: {} }
    new Function('module', 'exports', 'require', outputFiles?.[0]?.text ?? '')(module, module.exports, undefined)
    return module.exports as typeof sources
  }
  /** Of the codes that the bundle has. */
  const known = (texts: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([code]) => Object.hasOwn(texts, code)))

  test.each([
    bundleOf('product', 'sidecar.cjs'),
    bundleOf('slim', 'sidecar.cjs'),
    bundleOf('product', 'federated.cjs'),
  ])('$doc', async (bundle) => {
    const told = await built(bundle)
    expect(Object.keys(told.messages())).toEqual(expect.arrayContaining(codesOf('token', 'sts', 'endpoint')))
    expect(told.messages()).toEqual(known(told.messages(), sources.messages()))
    expect(told.waits()).toEqual(known(told.waits(), sources.waits()))
    expect(told.refusals()).toEqual(sources.refusals())
  })

  test('the broker', async () => {
    const told = await built(bundleOf('product', 'broker.cjs'))
    expect(Object.keys(told.messages())).toEqual(expect.arrayContaining(codesOf('provider', 'sts', 'user')))
    expect(told.messages()).toEqual(known(told.messages(), sources.messages()))
    expect(told.userRefusals()).toEqual(known(told.userRefusals(), sources.userRefusals()))
  })
})

const codesOf = (...areas: readonly string[]): string[] =>
  Object.entries(codes).flatMap(([code, { area }]) => (areas.includes(area) ? [code] : []))

test('of settings, what is for the reference is left out and nothing else', async () => {
  const loaded = await load<{ podSettings: typeof podSettings }>('src/settings/index.ts')
  expect(Object.keys(loaded.podSettings)).toEqual(Object.keys(podSettings))
  for (const [key, setting] of Object.entries(podSettings)) {
    const { kind, ...rest } = loaded.podSettings[key as keyof typeof podSettings]
    expect(rest).toEqual(without(setting, 'doc', 'otherwise'))
    expect([kind.form, kind.example]).toEqual([setting.kind.form, setting.kind.example])
  }
})
