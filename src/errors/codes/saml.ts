import type { CodeEntry } from './entry.ts'
import { samlContentCodes, samlSignatureCodes } from './samlAssertion.ts'

/** Where a SAML assertion comes from. */
const sourceCodes = {
  SamlFileMissing: {
    area: 'saml',
    cause: 'The file with the SAML assertion does not exist.',
    fix: 'Look at the container of the pod that writes it, and at volume and path of the identity provider.',
    retry: 'rereadToken',
  },
  SamlFileUnreadable: {
    area: 'saml',
    cause: 'The file with the SAML assertion cannot be read.',
    fix: 'Let the container that writes it make it readable for the group of the pod (fsGroup), or for all.',
    retry: 'rereadToken',
  },
  SamlFileEmpty: {
    area: 'saml',
    cause: 'The file with the SAML assertion is empty.',
    fix: 'Look at the container that writes it: it should write a new file and rename it over the old one.',
    retry: 'rereadToken',
  },
  SamlFileStale: {
    area: 'saml',
    cause: 'The file with the SAML assertion is not refreshed: what it holds is too old, or has been redeemed already.',
    fix: 'Let the container that writes it replace the assertion more often than every 5 minutes.',
    retry: 'rereadToken',
  },
  SamlLoginMissing: {
    area: 'saml',
    cause: "There is no usable user name or password in the pod's Secret for the identity provider.",
    fix: 'Put both into the Secret that secretName names, under usernameKey and passwordKey, each as one line.',
    retry: 'slow',
  },
  SamlLoginRefused: {
    area: 'saml',
    cause: 'The identity provider does not accept the user name and password.',
    fix: 'Correct the Secret, and look at whether the account is locked or needs a second factor.',
    retry: 'slow',
  },
  SamlEndpointFailed: {
    area: 'saml',
    cause: 'The identity provider failed.',
    fix: "Nothing, if it passes; else look at the identity provider's log.",
    retry: 'backoff',
  },
  SamlEndpointRefused: {
    area: 'saml',
    cause: 'The identity provider refuses the request.',
    fix: 'Compare endpoint, serviceProvider and recipient with what the identity provider knows of AWS, and look at its log.',
    retry: 'slow',
  },
  SamlAnswerInvalid: {
    area: 'saml',
    cause: 'The answer is not what ECP or WS-Trust 1.3 would answer.',
    fix: 'Look at whether endpoint is the address of ECP or of usernamemixed: login pages answer like this.',
    // Some answer a wrong password with their login page.
    retry: 'slow',
  },
  SamlAnswerForAnother: {
    area: 'saml',
    cause: 'The identity provider answers another request, or for another recipient.',
    fix: 'Make recipient the assertion consumer service URL that the identity provider has for AWS; if it is, somebody tampers.',
    retry: 'slow',
  },
} as const satisfies Record<string, CodeEntry>

/** What is wrong with the form of a response, before anybody looks at what it says. */
const formCodes = {
  SamlTooLarge: {
    area: 'saml',
    cause: 'The SAML response is larger than STS takes.',
    fix: 'Let the identity provider send fewer attributes and Role values: 100,000 characters of base64 are the limit.',
    retry: 'slow',
  },
  SamlNotText: {
    area: 'saml',
    cause: 'The SAML response is no UTF-8 text, nor base64 of one.',
    fix: 'Write the XML as UTF-8, or its base64 as it is posted to a browser (SAMLResponse, without URL encoding).',
    retry: 'rereadToken',
  },
  SamlNotXml: {
    area: 'saml',
    cause: 'The SAML response is no well-formed XML.',
    fix: 'Look at where it comes from; a truncated file looks like this too.',
    retry: 'rereadToken',
  },
  SamlXmlForbidden: {
    area: 'saml',
    cause: 'The SAML response holds XML that no assertion needs and attacks are made of.',
    fix: 'Let the identity provider write no document type, entity, comment, CDATA or processing instruction.',
    retry: 'slow',
  },
  SamlTooComplex: {
    area: 'saml',
    cause: 'The SAML response is nested too deeply, or has too many elements.',
    fix: 'Look at where it comes from: no identity provider writes that.',
    retry: 'slow',
  },
  SamlDuplicateId: {
    area: 'saml',
    cause: 'Two elements of the SAML response have the same ID.',
    fix: 'Look at who has put it together: this is how signed assertions are forged.',
    retry: 'slow',
  },
  SamlStructure: {
    area: 'saml',
    cause: 'The SAML response has parts where they do not belong, or lacks some.',
    fix: 'Look at who has put it together: this is how signed assertions are forged.',
    retry: 'slow',
  },
  SamlSeveralAssertions: {
    area: 'saml',
    cause: 'There is more than one assertion in the SAML response.',
    fix: 'Let the identity provider send one assertion.',
    retry: 'slow',
  },
  SamlAssertionMissing: {
    area: 'saml',
    cause: 'There is no assertion in the SAML response.',
    fix: "Look at the identity provider's log.",
    retry: 'slow',
  },
  SamlEncrypted: {
    area: 'saml',
    cause: 'The SAML assertion, or a part of it, is encrypted.',
    fix: 'Turn encryption for AWS off at the identity provider: only who has the private key could read it, and a pod has none.',
    retry: 'slow',
  },
} as const satisfies Record<string, CodeEntry>

/** What is wrong with a SAML assertion, or with where it comes from. */
export const samlCodes = { ...sourceCodes, ...formCodes, ...samlSignatureCodes, ...samlContentCodes }
