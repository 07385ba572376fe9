import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/errors/index.ts'
import { cutOut, textOf } from '../../../../src/federation/saml/dom.ts'
import { elementsOf, parseXml } from '../../../../src/federation/saml/parseXml.ts'
import { scanTags } from '../../../../src/federation/saml/scanTags.ts'

const limits = { most: 10_000, what: 'it' }
const parse = (text: string) => parseXml(text, limits)
const find = (text: string, name: string) => {
  const parsed = parse(text)
  const element = elementsOf(parsed.root).find(({ localName }) => localName === name)
  if (element === undefined) throw new Error(`no ${name}`)
  return cutOut(parsed, element)
}

describe('scanTags', () => {
  it('has the span of every element in the order of the document', () => {
    const text = '<a x=">" y=\'"/>\'> <b/>t<c><b>1</b ></c></a>'
    expect(scanTags(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      text,
      '<b/>',
      '<c><b>1</b ></c>',
      '<b>1</b >',
    ])
  })

  it.each(['', 'text', '<', '<a', '<a>', '</a>', '<a></a></a>', '<a "></a>', "<a b='></a>", '< a/>', '<a<b/>', '<>'])(
    'refuses %j',
    (text) => {
      expect(() => scanTags(text)).toThrow('SamlNotXml')
    },
  )

  it('takes time by length alone', () => {
    const text = `<a ${'"" '.repeat(30_000)}`
    expect(() => scanTags(text)).toThrow('SamlNotXml')
    expect(() => scanTags('<a>'.repeat(41))).toThrow('SamlTooComplex')
    expect(() => scanTags(`<a>${'<b/>'.repeat(3_000)}</a>`)).toThrow('SamlTooComplex')
    expect(scanTags(`${'<a>'.repeat(40)}${'</a>'.repeat(40)}`)).toHaveLength(40)
  })
})

describe('cutOut', () => {
  it('keeps every octet, and brings the namespaces along', () => {
    const inner = `<b:b xmlns:d="own" q = '1'  ><c>&#13;&gt; "x" </c></b:b>`
    const text = `<a xmlns="u" xmlns:b="v" xmlns:d="w" plain="x"><x xmlns:e="a&amp;&quot;b">${inner}</x></a>`
    const cut = find(text, 'b')
    expect(cut).toBe(inner.replace('<b:b', '<b:b xmlns:e="a&amp;&quot;b" xmlns="u" xmlns:b="v"'))
    expect(parse(cut).root.namespaceURI).toBe('v')
    expect(() => cutOut(parse(text), parse(text).root)).toThrow('another document')
  })

  it('leaves what has all it needs as it is', () => {
    expect(find('<a><b xmlns="u"/></a>', 'b')).toBe('<b xmlns="u"/>')
  })
})

describe('textOf', () => {
  it('has a text that is nothing else', () => {
    expect(textOf(parse('<a> b &amp; c </a>').root)).toBe('b & c')
    expect(textOf(parse('<a/>').root)).toBe('')
    expect(textOf(parse('<a>b<c/></a>').root)).toBeUndefined()
    expect(textOf(undefined)).toBeUndefined()
  })
})

describe('parseXml', () => {
  it('throws a Failure with a code of SAML for whatever it does not take', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<a b="c">',
      '<b/>',
      '&amp;',
      '&#65;',
      '&#0;',
      '&x;',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?x?>',
      '<!DOCTYPE a>',
      '<a:b/>',
      ' xmlns:a="u"',
      '"',
      "'",
      '>',
      '\u0000',
      '\ud800',
      'text',
      ' ID="1"',
      '<a ID="1">',
      '\uFEFF',
      '<?xml version="1.0"?>',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
          fc.string(),
        ),
        (text) => {
          try {
            const { root, spans } = parse(text)
            expect(spans.size).toBe(elementsOf(root).length)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Failure)
            expect((thrown as Failure).code).toMatch(/^Saml/)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
