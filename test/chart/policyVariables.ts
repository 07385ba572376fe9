/** What the policies of the mode without a webhook are made of, as far as it can be told without an API server. */
import { runInNewContext } from 'node:vm'
import { CHART, only, type Rendered, renderChart } from './helm.ts'

/** The oldest that has MutatingAdmissionPolicy in v1. */
export const POLICY_CLUSTER = '1.36.0'

export const renderPolicy = (values: string): Promise<readonly Rendered[]> => renderChart(CHART, values, POLICY_CLUSTER)

export type Policy = {
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
  readonly matchConstraints: Readonly<Record<string, unknown>>
  readonly variables: readonly { readonly name: string; readonly expression: string }[]
  readonly failurePolicy: string
  readonly [field: string]: unknown
}

export const policyOf = (objects: readonly Rendered[], kind: string): Policy =>
  only(
    objects.filter(({ metadata }) => metadata.name.endsWith('-injection')),
    kind,
  )['spec'] as Policy

/** The variables that both policies have, by name, as CEL. */
export async function variablesOf(values: string): Promise<(name: string) => string> {
  const { variables } = policyOf(await renderPolicy(values), 'MutatingAdmissionPolicy')
  return (name) => {
    const found = variables.find((variable) => variable.name === name)
    if (found === undefined) throw new Error(`there is no variable ${name}`)
    return found.expression
  }
}

/** The value of CEL that is JavaScript as well: literals, and what a pod decides, which is given. */
export function evaluated(cel: string, variables: Readonly<Record<string, unknown>> = {}): unknown {
  const scope = { variables, dyn: (value: unknown) => value, string: String }
  return JSON.parse(JSON.stringify(runInNewContext(`(${cel})`, scope)))
}
