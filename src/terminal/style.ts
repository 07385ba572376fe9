import { styleText } from 'node:util'

/** Colours where the stream is a terminal that wants them (NO_COLOR, FORCE_COLOR), plain text elsewhere. */
export type Style = { readonly [K in 'bold' | 'dim' | 'green' | 'red' | 'cyan']: (text: string) => string }

export function styleFor(stream: NodeJS.WritableStream): Style {
  const as = (format: keyof Style) => (text: string) => styleText(format, text, { stream })
  return { bold: as('bold'), dim: as('dim'), green: as('green'), red: as('red'), cyan: as('cyan') }
}
