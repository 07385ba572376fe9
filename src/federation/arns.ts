/** What is known of a role by its ARN. */
export type RoleParts = {
  readonly partition: string
  /** Of AWS 12 digits; elsewhere a tenant's or an account's name, or nothing. */
  readonly accountId: string
  /** `/` alone, or with one at both ends. */
  readonly path: string
  readonly name: string
}

/** `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME` (IAM User Guide, IAM identifiers); undefined for anything else. */
export function parseRole(arn: string): RoleParts | undefined {
  const match = /^arn:([\w-]+):iam::([^:]*):role(\/(?:.*\/)?)([^/:]+)$/.exec(arn)
  const [, partition, accountId, path, name] = match ?? []
  if (partition === undefined || accountId === undefined || path === undefined || name === undefined) return undefined
  return { partition, accountId, path, name }
}

/** Whether a role is AWS's, not one of another server that speaks like STS. */
export const isOfAws = ({ partition, accountId }: RoleParts): boolean =>
  partition !== 'minio' && /^\d{12}$/.test(accountId)

/**
 * Whether an answer's AssumedRoleUser is a session of that role: `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`
 * (IAM User Guide, IAM identifiers). Of roles that are not AWS's, Ceph puts the path before the name, and SeaweedFS leaves
 * the field of the account out.
 */
export function isSessionOf(role: RoleParts, assumedRoleArn: string): boolean {
  const { partition, accountId, path, name } = role
  const names = isOfAws(role) ? [name] : [name, `${path.slice(1)}${name}`]
  const owners = accountId === '' ? ['::', ':'] : [`:${accountId}:`]
  return names.some((each) =>
    owners.some((owner) => {
      const head = `arn:${partition}:sts:${owner}assumed-role/${each}/`
      return assumedRoleArn.startsWith(head) && /^[\w+=,.@-]+$/.test(assumedRoleArn.slice(head.length))
    }),
  )
}
