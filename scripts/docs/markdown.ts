import type { PodSetting } from '../../src/settings/index.ts'

/** The first lines of every page: its title, for whom it is, and where it comes from. */
export const heading = (title: string, reader: string): string =>
  [
    `# ${title}`,
    '',
    reader,
    '',
    '_Generated from the code by `npm run docs`; change the code, not this page._',
    '',
  ].join('\n')

/** A table; a bar inside a cell is escaped, since it would end the cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return `${[line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')}\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Code in the running text; more backticks around where there are some inside. */
export const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
export const codes = (texts: readonly string[]): string => texts.map(code).join(', ')
/** A place to link to, by the name as it is written in the code. */
export const anchor = (name: string): string => `<a id="${name}"></a>`

/** What a value must be, with an example where the words hold none. */
export function formOf({ form, example }: PodSetting['kind']): string {
  const words = form.charAt(0).toUpperCase() + form.slice(1)
  return /"/.test(form) ? words : `${words}, like ${code(example)}`
}
