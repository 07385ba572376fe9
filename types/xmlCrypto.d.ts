/** xml-crypto 6, as far as it is used: XML Signature Syntax and Processing 1.1. */
import type { KeyLike } from 'node:crypto'

export type Reference = {
  readonly xpath?: string
  readonly uri: string
  readonly transforms: readonly string[]
  readonly digestAlgorithm: string
  readonly isEmptyUri?: boolean
  readonly inclusiveNamespacesPrefixList?: readonly string[]
  readonly id?: string
}

export type HashAlgorithm = {
  getAlgorithmName(): string
  getHash(xml: string): string
}

export type SignatureAlgorithm = {
  getAlgorithmName(): string
  getSignature(signedInfo: string | Buffer, privateKey: KeyLike): string
  verifySignature(material: string, key: KeyLike, signatureValue: string): boolean
}

export declare class SignedXml {
  idAttributes: string[]
  privateKey?: KeyLike
  publicCert?: KeyLike
  signatureAlgorithm?: string
  canonicalizationAlgorithm?: string
  HashAlgorithms: Record<string, new () => HashAlgorithm>
  SignatureAlgorithms: Record<string, new () => SignatureAlgorithm>
  CanonicalizationAlgorithms: Record<string, new () => object>
  constructor(options?: {
    readonly idMode?: 'wssecurity'
    readonly idAttribute?: string
    readonly privateKey?: KeyLike
    readonly publicCert?: KeyLike
    readonly signatureAlgorithm?: string
    readonly canonicalizationAlgorithm?: string
    readonly implicitTransforms?: readonly string[]
    readonly getKeyInfoContent?: (args?: {
      readonly publicCert?: KeyLike
      readonly prefix?: string | null
    }) => string | null
    readonly getCertFromKeyInfo?: (keyInfo?: Node | null) => string | null
  })
  static getKeyInfoContent(args: { readonly publicCert?: KeyLike; readonly prefix?: string | null }): string | null
  enableHMAC(): void
  loadSignature(signature: Node | string): void
  addReference(reference: Partial<Reference> & Pick<Reference, 'xpath'>): void
  getReferences(): Reference[]
  getSignedReferences(): string[]
  checkSignature(xml: string): boolean
  computeSignature(
    xml: string,
    options?: {
      readonly prefix?: string
      readonly location?: { readonly reference?: string; readonly action?: 'append' | 'prepend' | 'before' | 'after' }
    },
  ): void
  getSignedXml(): string
  getSignatureXml(): string
}

export declare class ExclusiveCanonicalization {
  process(node: Node, options: { readonly inclusiveNamespacesPrefixList?: string[] }): string
}
