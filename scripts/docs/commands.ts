import process from 'node:process'
import { run } from '../check/run.ts'
import { heading } from './markdown.ts'

/** docs/reference/commands.md: what every command says of itself. */
export async function commandsPage(root: string): Promise<string> {
  const overview = await helpOf(root)
  const helps = (await Promise.all(commandsIn(overview).map((name) => helpsOf(root, name)))).flat()
  return [
    heading('Commands', 'For everybody who runs `lanyard`: what each command says with `--help`.'),
    'From a checkout: `npm run build`, then `node dist/cmd/lanyard.js COMMAND`.',
    '',
    block(overview),
    ...helps.map(([name, help]) => `## lanyard ${name}\n\n${block(help)}`),
  ].join('\n')
}

/** What a command says; a group, and each of its commands. */
async function helpsOf(root: string, ...command: readonly string[]): Promise<(readonly [string, string])[]> {
  const help = await helpOf(root, ...command)
  const below = await Promise.all(commandsIn(help).map((name) => helpsOf(root, ...command, name)))
  return [[command.join(' '), help], ...below.flat()]
}

/** The names in the overview's list. */
export const commandsIn = (overview: string): readonly string[] =>
  [...(/\nCommands:\n([\s\S]*?)\n\n/.exec(overview)?.[1] ?? '').matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name ?? '')

async function helpOf(root: string, ...command: readonly string[]): Promise<string> {
  const { code, output } = await run(root, process.execPath, ['cmd/lanyard.ts', ...command, '--help'])
  if (code !== 0) throw new Error(`lanyard ${command.join(' ')} --help fails: ${output}`)
  return output
}

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\`\n`
