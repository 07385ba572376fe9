import { isObject } from '../../json/index.ts'

/** What `aws iam get-role` printed of a role, in part. */
export type Given = { readonly arn: string; readonly maxSession: number | undefined; readonly policy: unknown }

/** Undefined where it is nothing of the kind. */
export function roleIn(text: string): Given | undefined {
  const value = parseFile(text)
  const found = isObject(value) && isObject(value['Role']) ? value['Role'] : value
  if (!isObject(found) || typeof found['Arn'] !== 'string') return undefined
  const { Arn: arn, MaxSessionDuration: most, AssumeRolePolicyDocument: policy } = found
  return {
    arn,
    maxSession: typeof most === 'number' ? most : undefined,
    policy: typeof policy === 'string' ? parseFile(decoded(policy)) : policy,
  }
}

/** IAM's API has it encoded as in a URL. */
function decoded(text: string): string {
  try {
    return text.trimStart().startsWith('%') ? decodeURIComponent(text) : text
  } catch {
    return text
  }
}

/** Undefined where it is no JSON. */
export function parseFile(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
