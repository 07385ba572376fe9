/** `npm run workflows`: GitHub's workflows, held to our rules and by actionlint, which is told nothing of GitHub. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { run } from './check/run.ts'
import { must } from './release/buildkit.ts'
import { readWorkflows } from './workflows/read.ts'
import { ruleProblems } from './workflows/rules.ts'
import { differingVersions, missingSuites, unknownScripts } from './workflows/suites.ts'

const ACTIONLINT = 'v1.7.12'

/** Everything that our own rules find. */
function ownProblems(root: string): readonly string[] {
  const read = (name: string): string => readFileSync(join(root, name), 'utf8')
  const workflows = readWorkflows(root)
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const ci = workflows.find(({ path }) => path.endsWith('/ci.yml'))
  return [
    ...workflows.flatMap((workflow) => [...ruleProblems(workflow), ...unknownScripts(workflow, scripts)]),
    ...(ci === undefined ? ['there is no ci.yml'] : missingSuites(read('.ci/run'), ci)),
    ...differingVersions([read('.ci/run'), ...workflows.map(({ path }) => read(path))]),
  ]
}

/** By Go, into the checkout's cache, where it is not there. */
async function installActionlint(root: string): Promise<string> {
  const folder = join(root, '.ci', 'cache', `actionlint-${ACTIONLINT}`)
  const program = join(folder, 'actionlint')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const name = `github.com/rhysd/actionlint/cmd/actionlint@${ACTIONLINT}`
  await must(root, 'env', 'CGO_ENABLED=0', `GOBIN=${folder}`, 'go', 'install', name)
  return program
}

const root = process.cwd()
const own = ownProblems(root)
const { code, output } = await run(root, await installActionlint(root), ['-no-color'])
const said = [...own, ...(code === 0 ? [] : [output])]
for (const problem of said) console.log(problem)
console.log(said.length === 0 ? 'workflows: ok' : 'workflows: FAILED')
process.exitCode = said.length === 0 ? 0 : 1
