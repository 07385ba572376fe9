/** C0, DEL and C1 controls, line separators and bidirectional overrides: they would forge lines or hide text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not pass
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Foreign text as one printable line of at most `longest` UTF-16 units. */
export function printable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return cut.toWellFormed().replace(unprintable, ' ')
}
