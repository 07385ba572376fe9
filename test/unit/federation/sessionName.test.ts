import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderSessionName } from '../../../src/federation/index.ts'

const parts = { namespace: 'shop', pod: 'web-7d4b9c-x2x1z', serviceaccount: 'web', container: 'app' }
const byDefault = '{namespace}.{serviceaccount}.{pod}'

describe('renderSessionName', () => {
  it('fills in what it knows', () => {
    expect(renderSessionName(byDefault, parts)).toBe('shop.web.web-7d4b9c-x2x1z')
    expect(renderSessionName('{container}@{pod}', parts)).toBe('app@web-7d4b9c-x2x1z')
  })

  it('replaces what STS does not accept, unknown placeholders too', () => {
    expect(renderSessionName('a b/{node}:{pod}', { ...parts, pod: 'ü' })).toBe('a-b--node---')
  })

  it('does not read a value as a template', () => {
    expect(renderSessionName('{pod}', { ...parts, pod: '{namespace}' })).toBe('-namespace-')
  })

  it('keeps 64 characters as they are and cuts 65', () => {
    expect(renderSessionName('{pod}', { ...parts, pod: 'x'.repeat(64) })).toBe('x'.repeat(64))
    const cut = renderSessionName('{pod}', { ...parts, pod: 'x'.repeat(65) })
    expect(cut).toMatch(/^x{47}-[\w-]{16}$/)
  })

  it('is the same in every release: CloudTrail queries rely on it', () => {
    expect(renderSessionName('{pod}', { ...parts, pod: 'x'.repeat(65) })).toMatchInlineSnapshot(
      `"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-lTfF_fEgSC99WNJe"`,
    )
  })

  it('tells pods apart whose names differ at the end only', () => {
    const names = ['a', 'b', 'c'].map((end) => renderSessionName('{pod}', { ...parts, pod: 'x'.repeat(80) + end }))
    expect(new Set(names).size).toBe(3)
  })

  it.each(['', 'x'])('lengthens %j', (template) => {
    expect(renderSessionName(template, parts)).toMatch(/^x?-[\w-]{16}$/)
  })

  it('always gives what STS accepts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), (template, pod) => {
        const name = renderSessionName(`${template}{pod}`, { ...parts, pod })
        expect(name).toMatch(/^[A-Za-z0-9_+=,.@-]{2,64}$/)
      }),
    )
  })
})
