import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configBlock } from '../chart/configBlock.ts'
import { givenTemplate } from '../chart/given.ts'
import { layoutTemplate } from '../chart/layout.ts'
import { valuesTables } from '../chart/readme.ts'
import { chartSchema } from '../chart/schema.ts'

const CHART = 'charts/lanyard'

/** What is generated of the chart, by path: the schema, a template, and the marked parts of files written by hand. */
export function chartPages(root: string): readonly (readonly [path: string, text: string])[] {
  const read = (name: string): string => readFileSync(join(root, CHART, name), 'utf8')
  const values = fill(read('values.yaml'), ['# BEGIN settings', '# END settings'], configBlock())
  const readme = fill(read('README.md'), ['<!-- BEGIN values', '<!-- END values'], `\n${valuesTables(values)}\n`)
  return [
    [`${CHART}/values.yaml`, values],
    [`${CHART}/values.schema.json`, chartSchema(values)],
    [`${CHART}/README.md`, readme],
    [`${CHART}/templates/_given.tpl`, givenTemplate()],
    [`${CHART}/templates/_layout.tpl`, layoutTemplate()],
  ]
}

/** The text with what is between the two marked lines replaced. */
function fill(text: string, [begin, end]: readonly [string, string], content: string): string {
  const lines = text.split('\n')
  const [from, to] = [begin, end].map((mark) => lines.findIndex((line) => line.startsWith(mark)))
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error(`no lines ${begin} and ${end}`)
  return [...lines.slice(0, from + 1), content.replace(/\n$/, ''), ...lines.slice(to)].join('\n')
}
