/** Whether the workflows and `.ci/run` do the same. */
import type { Job, Workflow } from './read.ts'

/** The names of the suites that a script runs: its lines `suite NAME COMMAND`. */
export const suitesIn = (script: string): readonly string[] =>
  [...script.matchAll(/^suite (?:'([^']+)'|(\S+)) /gm)].map(([, quoted, plain]) => quoted ?? plain ?? '')

/** The values of a matrix, each with its names: `[{ suite: 'check' }, …]`. */
export function matrixOf({ strategy }: Job): readonly Readonly<Record<string, string>>[] {
  const { include, exclude: _, ...axes } = strategy?.matrix ?? {}
  const listed = Array.isArray(include) ? (include as Readonly<Record<string, unknown>>[]) : []
  const combined = Object.entries(axes).reduce<Readonly<Record<string, unknown>>[]>(
    (all, [name, values]) =>
      (Array.isArray(values) ? values : []).flatMap((one) => all.map((m) => ({ ...m, [name]: one }))),
    Object.keys(axes).length === 0 ? [] : [{}],
  )
  return [...combined, ...listed].map((one) =>
    Object.fromEntries(Object.entries(one).map(([name, value]) => [name, String(value)])),
  )
}

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{\{ matrix\.(\w+) \}\}/g, (whole, name: string) => values[name] ?? whole)

/** The names of all steps, those of a matrix filled in. */
export const stepNames = ({ jobs }: Workflow): ReadonlySet<string> =>
  new Set(
    Object.values(jobs).flatMap((job) => {
      const values = matrixOf(job)
      const names = (job.steps ?? []).flatMap(({ name }) => name ?? [])
      return names.flatMap((name) => (values.length === 0 ? [name] : values.map((one) => fill(name, one))))
    }),
  )

/** A step bears each suite's name, whatever more it does by others. */
export const missingSuites = (script: string, workflow: Workflow): readonly string[] =>
  suitesIn(script)
    .filter((suite) => !stepNames(workflow).has(suite))
    .map((suite) => `${workflow.path}: no step is called "${suite}", which is a suite of .ci/run`)

/** What is run by `npm run` and is no script of package.json. */
export function unknownScripts(workflow: Workflow, scripts: Readonly<Record<string, unknown>>): readonly string[] {
  const runs = Object.values(workflow.jobs).flatMap((job) => (job.steps ?? []).flatMap(({ run }) => run ?? []))
  const named = runs.flatMap((run) => [...run.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name))
  return [...new Set(named)]
    .filter((name) => !Object.hasOwn(scripts, name))
    .map((name) => `${workflow.path}: package.json has no script ${name}`)
}

const PINNED_BY_GO = /\bgo install ([\w./-]+)@(\S+)|\b(helm\.sh\/helm\/\S+|github\.com\/rhysd\/\S+)@(v[\d.]+)/g

/** By Go package, the versions at which texts install it: one for each package, or they test something else than we do. */
export function differingVersions(texts: readonly string[]): readonly string[] {
  const found = new Map<string, Set<string>>()
  for (const text of texts)
    for (const [, a, b, c, d] of text.matchAll(PINNED_BY_GO)) {
      const [name, version] = [a ?? c ?? '', (b ?? d ?? '').replaceAll(/["')]+$/g, '')]
      found.set(name, (found.get(name) ?? new Set()).add(version))
    }
  return [...found]
    .filter(([, versions]) => versions.size > 1)
    .map(([name, versions]) => `${name} is installed at ${[...versions].join(' and ')}`)
}
