import { describe, expect, it } from 'vitest'
import { escapeXml, renderXml, replaceElement, type XmlElement } from '../../../src/testbed/sts/xml.ts'

const document: XmlElement = [
  'Root',
  [
    ['A', 'x'],
    ['B', [['A', 'y']]],
  ],
]

describe('escapeXml', () => {
  it.each([
    [`<a b="c">&'</a>`, '&lt;a b=&quot;c&quot;&gt;&amp;&apos;&lt;/a&gt;'],
    ['&amp;', '&amp;amp;'],
    [']]>', ']]&gt;'],
    ['\t\n\r', '\t\n&#xD;'],
    ['\u0000\u0008\u001f\uFFFE', '\uFFFD\uFFFD\uFFFD\uFFFD'],
    ['\uD800x', '\uFFFDx'],
    ['Ünïcödé 🔑', 'Ünïcödé 🔑'],
  ])('%j', (text, escaped) => {
    expect(escapeXml(text)).toBe(escaped)
  })
})

describe('renderXml', () => {
  it('indents by two, with the namespace at the root alone', () => {
    expect(renderXml(document)).toBe(
      [
        '<Root xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
        '  <A>x</A>',
        '  <B>',
        '    <A>y</A>',
        '  </B>',
        '</Root>',
        '',
      ].join('\n'),
    )
  })
})

describe('replaceElement', () => {
  it('replaces and removes at every depth, in a copy', () => {
    expect(replaceElement(document, 'A', 'z')).toEqual([
      'Root',
      [
        ['A', 'z'],
        ['B', [['A', 'z']]],
      ],
    ])
    expect(replaceElement(document, 'A', undefined)).toEqual(['Root', [['B', []]]])
    expect(document[1]).toHaveLength(2)
  })
})
