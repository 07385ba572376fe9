/** The names of XML namespaces, algorithms and attributes that SAML is made of, each by the document that defines it. */

export const NS = {
  /** SAML 2.0 core, section 2. */
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  /** SAML 2.0 core, section 3. */
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  /** SAML 2.0 metadata, section 2. */
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  /** SAML 2.0 profiles, section 4.2. */
  ecp: 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  soap11: 'http://schemas.xmlsoap.org/soap/envelope/',
  soap12: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://www.w3.org/2005/08/addressing',
  policy: 'http://schemas.xmlsoap.org/ws/2004/09/policy',
  /** WS-Trust 1.3. */
  trust: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  utility: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  xinclude: 'http://www.w3.org/2001/XInclude',
} as const

/** SAML 2.0 core, section 3.2.2.2. */
export const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
export const AUTHENTICATION_FAILED = 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed'
/** SAML 2.0 bindings, section 3.3. */
export const PAOS_BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS'
/** SAML 2.0 profiles, section 3.3. */
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
/** SAML Token Profile 1.1 of WS-Security, section 3.1. */
export const SAML_TOKEN = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0'

/** IAM User Guide, Configure SAML assertions for the authentication response. */
export const AWS_ATTRIBUTES = {
  prefix: 'https://aws.amazon.com/SAML/Attributes/',
  role: 'https://aws.amazon.com/SAML/Attributes/Role',
  sessionName: 'https://aws.amazon.com/SAML/Attributes/RoleSessionName',
  sessionDuration: 'https://aws.amazon.com/SAML/Attributes/SessionDuration',
} as const

/** XML Signature, section 6, and RFC 9231, section 2: what is accepted, and nothing else. */
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
