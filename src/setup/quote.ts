import { stringify } from 'yaml'

/**
 * A text in the languages that commands are printed in. What is quoted comes from a cluster, a file or a flag, and must stay
 * a text, whatever it holds.
 */

/** A value as an expression of HCL (Terraform, OpenTofu): JSON, whose templates are not expanded. */
export function inHcl(value: unknown, indent = ''): string {
  return JSON.stringify(value, null, 2)
    .replace(/([$%])\{/g, '$1$1{')
    .replaceAll('\n', `\n${indent}`)
}

/** An object of YAML, as CloudFormation and Kubernetes read it. */
export const inYaml = (value: unknown): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })

/** Text that stands in a comment of one line. */
export const inComment = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ')

/** A command over several lines, one argument or pair of them on each. */
export const command = (first: string, ...rest: readonly string[]): string => [first, ...rest].join(' \\\n  ')
