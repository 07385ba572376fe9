import { beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../../src/testbed/sts/dialects.ts'
import { knowSamlProvider } from '../../../src/testbed/sts/saml/metadata.ts'
import { isAudience, isSignIn } from '../../../src/testbed/sts/saml/signIn.ts'
import { createSamlKey, entityId, metadataOf, type SamlKey } from '../../integration/testbed/saml.ts'

const owner = { accountId: '111122223333', partition: 'aws', dialect: dialects.aws }
let key: SamlKey
beforeAll(async () => {
  key = await createSamlKey()
})

describe('knowSamlProvider', () => {
  it('reads issuer and certificates', () => {
    const known = knowSamlProvider(owner, { name: 'corporate', metadata: metadataOf([key, key]) })
    expect(known).toMatchObject({ entityId, arn: 'arn:aws:iam::111122223333:saml-provider/corporate' })
    const plain = (pem: string): string => pem.replace(/\s/g, '')
    expect(known.certificates.map(plain)).toEqual([plain(key.certificate), plain(key.certificate)])
  })

  it('takes a key without a use, and none for encryption', () => {
    const plain = metadataOf([key]).replace(' use="signing"', '')
    expect(knowSamlProvider(owner, { name: 'a', metadata: plain }).certificates).toHaveLength(1)
    const encrypting = plain.replace('<KeyDescriptor', '<KeyDescriptor use="encryption"')
    expect(() => knowSamlProvider(owner, { name: 'a', metadata: encrypting })).toThrow('certificates for signing')
  })

  it.each<[string, { name?: string; edit?: (xml: string) => string }, string]>([
    ['a bad name', { name: 'a b' }, 'the name must be'],
    ['no XML', { edit: () => 'x' }, 'is no EntityDescriptor'],
    ['a document type', { edit: (xml) => xml.replace('<Entity', '<!DOCTYPE x><Entity') }, 'is no EntityDescriptor'],
    ['another document', { edit: (xml) => xml.replaceAll('EntityDescriptor', 'EntitiesDescriptor') }, 'is no Entity'],
    ['no entityID', { edit: (xml) => xml.replace('entityID', 'id') }, 'has no entityID'],
    ['a service provider', { edit: (xml) => xml.replaceAll('IDPSSO', 'SPSSO') }, 'must have an IDPSSODescriptor'],
    ['a certificate that is none', { edit: (xml) => xml.replace('Certificate>MII', 'Certificate>AAA') }, 'readable'],
  ])('refuses %s', (_title, { name = 'corporate', edit = (xml) => xml }, message) => {
    expect(() => knowSamlProvider(owner, { name, metadata: edit(metadataOf([key])) })).toThrow(message)
  })
})

describe('the sign-in of a partition', () => {
  it.each<[partition: string, url: string, expected: boolean]>([
    ['aws', 'https://signin.aws.amazon.com/saml', true],
    ['aws', 'https://ap-southeast-2.signin.aws.amazon.com/saml', true],
    ['aws', 'https://signin.aws.amazon.com/saml/', false],
    ['aws', 'http://signin.aws.amazon.com/saml', false],
    ['aws', 'https://evil.signin.aws.amazon.com/saml', false],
    ['aws', 'https://signin.amazonaws.cn/saml', false],
    ['aws-cn', 'https://signin.amazonaws.cn/saml', true],
    ['aws-cn', 'https://cn-north-1.signin.amazonaws.cn/saml', true],
    ['aws-us-gov', 'https://us-gov-west-1.signin.amazonaws-us-gov.com/saml', true],
    ['mars', 'https://signin.aws.amazon.com/saml', false],
  ])('%s: %s is %s', (partition, url, expected) => {
    expect(isSignIn(partition, url)).toBe(expected)
    expect(isAudience(partition, url)).toBe(expected)
  })

  it('has a name of its own as audience', () => {
    const names = ['urn:amazon:webservices', 'urn:amazon:webservices:cn-north-1', 'urn:amazon:webservices:govcloud']
    const taken = ['aws', 'aws-cn', 'aws-us-gov'].map((partition) =>
      names.filter((name) => isAudience(partition, name)),
    )
    expect(taken).toEqual(names.map((name) => [name]))
  })
})
