import { readdirSync } from 'node:fs'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { arrowRules } from './arrowRules.ts'
import type { Check } from './types.ts'

const why = new Map(arrowRules.map(({ name, comment }) => [name, comment]))

/** The arrows between the rooms, type imports included. */
export const arrows: Check = async (root) => {
  const { output } = await cruise(['src', 'cmd'], {
    baseDir: root,
    ruleSet: { forbidden: [...arrowRules] },
    validate: true,
    // swc, since the cruiser would read nothing with this version of TypeScript, and say nothing of it.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  })
  const { modules, summary } = output as ICruiseResult
  const blind = blindness(root, modules)
  const violations = summary.violations.map(({ from, to, rule, cycle }) => {
    const way = cycle === undefined ? to : cycle.map(({ name }) => name).join(' -> ')
    return `${from} -> ${way}: ${why.get(rule.name) ?? rule.name}`
  })
  return {
    problems: [...blind, ...new Set(violations)],
    note: `${summary.totalDependenciesCruised ?? 0} arrows of ${modules.length} modules`,
  }
}

/** A cruiser that finds nothing reports no violation either: every file must have been read. */
function blindness(root: string, modules: ICruiseResult['modules']): readonly string[] {
  const files = ['src', 'cmd'].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  const seen = new Set(modules.map(({ source }) => source))
  const unseen = files.filter((file) => !seen.has(file))
  const problems = unseen.map((file) => `${file} was not read by dependency-cruiser`)
  const arrowsSeen = modules.reduce((sum, { dependencies }) => sum + dependencies.length, 0)
  return arrowsSeen < files.length
    ? [...problems, `only ${arrowsSeen} imports were found in ${files.length} files`]
    : problems
}
