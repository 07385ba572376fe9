/** GitHub's workflows as data: what is needed of them here, and nothing that a misspelt one could break. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, type Node, type Pair, parseDocument } from 'yaml'

export const WORKFLOWS = '.github/workflows'

export type Step = {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
export type Job = {
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: unknown
  readonly uses?: string
  readonly steps?: readonly Step[]
  readonly strategy?: { readonly matrix?: Readonly<Record<string, unknown>> }
}
export type Uses = { readonly action: string; readonly comment: string }
export type Workflow = {
  readonly path: string
  /** `on`, whatever its form. */
  readonly triggers: unknown
  readonly permissions: unknown
  readonly concurrency: unknown
  readonly jobs: Readonly<Record<string, Job>>
  /** Every `uses:`, with the comment behind it. */
  readonly uses: readonly Uses[]
}

/** Throws for what is no YAML, or no workflow. */
export function readWorkflow(path: string, text: string): Workflow {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  const { on, permissions, concurrency, jobs } = document.toJS() ?? {}
  if (typeof jobs !== 'object' || jobs === null) throw new Error(`${path} has no jobs`)
  return { path, triggers: on, permissions, concurrency, jobs, uses: usesIn(document.contents) }
}

/** All of a checkout. */
export const readWorkflows = (root: string): readonly Workflow[] =>
  readdirSync(join(root, WORKFLOWS))
    .sort()
    .map((name) => readWorkflow(`${WORKFLOWS}/${name}`, readFileSync(join(root, WORKFLOWS, name), 'utf8')))

function usesIn(node: unknown): readonly Uses[] {
  if (isMap(node)) return node.items.flatMap((pair) => usesOf(pair as Pair<Node, Node | null>))
  const items = (node as { readonly items?: unknown } | null)?.items
  return Array.isArray(items) ? items.flatMap(usesIn) : []
}

function usesOf({ key, value }: Pair<Node, Node | null>): readonly Uses[] {
  if (!isScalar(value)) return usesIn(value)
  if (!isScalar(key) || key.value !== 'uses') return []
  return [{ action: String(value.value), comment: (value.comment ?? '').trim() }]
}
