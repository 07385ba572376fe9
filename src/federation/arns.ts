/** What both ARNs of a role have in common; the path is only in the first. */
type RoleParts = { readonly partition: string; readonly accountId: string; readonly name: string }

/** `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME` (IAM User Guide, IAM identifiers); undefined for anything else. */
export function parseRole(arn: string): RoleParts | undefined {
  return partsOf(/^arn:([\w-]+):iam::([^:]*):role\/(?:.*\/)?([^/:]+)$/.exec(arn))
}

/** `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`; undefined for anything else. */
export function parseAssumedRole(arn: string): RoleParts | undefined {
  return partsOf(/^arn:([\w-]+):sts::([^:]*):assumed-role\/([^/:]+)\/[\w+=,.@-]+$/.exec(arn))
}

function partsOf(match: RegExpExecArray | null): RoleParts | undefined {
  const [, partition, accountId, name] = match ?? []
  if (partition === undefined || accountId === undefined || name === undefined) return undefined
  return { partition, accountId, name }
}
