import { type Expected, readMetadata } from '../../../../src/federation/saml/index.ts'
import { createSigner, metadataOf, type ResponseFields, type Style, styles } from '../../../support/samlXml.ts'
import { noon } from '../support.ts'

export const entityId = 'https://idp.example.com/saml'
export const roleArn = 'arn:aws:iam::123456789012:role/apps/shop-web'
export const principalArn = 'arn:aws:iam::123456789012:saml-provider/corporate'
export const serviceProvider = 'urn:amazon:webservices'
export const recipient = 'https://signin.aws.amazon.com/saml'

export const signer = await createSigner()
export const stranger = await createSigner()
export const metadata = metadataOf(entityId, [signer])

export const expected: Expected = { serviceProvider, recipient, roleArn, principalArn, trusted: readMetadata(metadata) }

export const fieldsOf = (style: Style = styles.okta): ResponseFields => ({
  now: noon - 2_000,
  issuer: entityId,
  audiences: [serviceProvider],
  recipient,
  roles: [
    ['arn:aws:iam::123456789012:role/reader', principalArn],
    [roleArn, principalArn],
  ],
  sessionName: 'web@example.com',
  style,
})
