/** The steps that are other people's programs: what they print is what is wrong. */
import { run } from './run.ts'
import type { Check } from './types.ts'

const tool =
  (program: string, ...args: readonly string[]): Check =>
  async (root) => {
    const { code, output } = await run(root, program, args)
    return { problems: code === 0 ? [] : [output === '' ? `${program} ended with exit code ${code}` : output] }
  }

export const types = tool('tsc', '--pretty', 'false', '-p', 'tsconfig.json')
export const pureTypes = tool('tsc', '--pretty', 'false', '-p', 'tsconfig.pure.json')
/** Warnings fail too: what nobody has to mend nobody mends. */
export const lint = tool('biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.')
export const exportsUsed = tool('knip', '--no-progress', '--treat-config-hints-as-errors')
