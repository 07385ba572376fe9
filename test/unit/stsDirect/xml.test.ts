import { describe, expect, it } from 'vitest'
import { childOf, readXml } from '../../../src/stsDirect/xml.ts'

describe('readXml', () => {
  it('reads elements and text, and passes attributes and space over', () => {
    const document = `<A xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <B><C a='1'>x &lt;&#x41;&#66;&amp;amp;&quot;&apos;&gt; y</C><D/><E />\t<F></F></B>
    </A>\n`
    const b = childOf(readXml(document), 'B')
    expect(childOf(b, 'C')?.text).toBe('x <AB&amp;"\'> y')
    expect(b?.children.map(({ name, text }) => [name, text]).slice(1)).toEqual([
      ['D', ''],
      ['E', ''],
      ['F', ''],
    ])
  })

  it.each([
    '',
    'text',
    '<A>',
    '</A>',
    '<A></B>',
    '<A></A></A>',
    '<A></A><B></B>',
    '<A></A>text',
    'text<A></A>',
    '<A>text<B></B></A>',
    '<A><B></B>text</A>',
    '<A',
    '<A><',
    '<A><B',
    '<A></A a="1">',
    '<A/ ></A>',
    '</A/>',
    '< A></A>',
    '<1></1>',
    '<A a="<B>"></A>',
    '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>',
    '<A><!-- x --></A>',
    '<A><![CDATA[x]]></A>',
    '<A><?x?></A>',
    '<A>&e;</A>',
    '<A>&constructor;</A>',
    '<A>a & b</A>',
    '<A>&lt</A>',
    '<A>&#0;</A>',
    '<A>&#x1f;</A>',
    '<A>&#xD800;</A>',
    '<A>&#xFFFFFF;</A>',
    '<A>&#9999999;</A>',
    '<A>\u0000</A>',
    '<A>\u001b[2J</A>',
    '<A>\uD800</A>',
    `${'<A>'.repeat(9)}${'</A>'.repeat(9)}`,
  ])('reads nothing from %j', (document) => {
    expect(readXml(document)).toBeUndefined()
  })

  it('takes no long time for what is made to take long', () => {
    // Each would take minutes if it took quadratic time.
    const many = 2_000_000
    for (const document of [' '.repeat(many), `<A${' '.repeat(many)}`, `<A>${'&'.repeat(many)}`, '<A>'.repeat(many)])
      expect(readXml(document)).toBeUndefined()
  })
})

describe('childOf', () => {
  it('is the only one of that name', () => {
    const root = readXml('<A><B>1</B><C>2</C><C>3</C></A>')
    expect(childOf(root, 'B')?.text).toBe('1')
    expect(childOf(root, 'C')).toBeUndefined()
    expect(childOf(root, 'D')).toBeUndefined()
    expect(childOf(undefined, 'B')).toBeUndefined()
  })
})
