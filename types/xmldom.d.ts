/** @xmldom/xmldom 0.8, as far as it is used. */
type Handlers = Readonly<Partial<Record<'warning' | 'error' | 'fatalError', (message: string) => void>>>

export declare class DOMParser {
  constructor(options?: {
    readonly errorHandler?: Handlers | ((level: string, message: string) => void)
    readonly locator?: object
    readonly xmlns?: Readonly<Record<string, string>>
  })
  parseFromString(text: string, mimeType?: string): Document
}

export declare class XMLSerializer {
  serializeToString(node: Node): string
}
