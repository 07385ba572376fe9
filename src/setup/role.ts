import { inShell } from '../terminal/shell.ts'
import { type Trusted, type TrustPolicy, writePolicy } from '../trust/index.ts'
import type { IamOutput } from './provider.ts'
import { command, inHcl, inYaml } from './quote.ts'

export type ServiceAccount = { readonly namespace: string; readonly name: string }

export type Role = {
  readonly name: string
  readonly partition: string
  readonly account: string
  readonly trusted: Trusted
  /** Seconds, 3600 to 43200. */
  readonly maxSessionDuration: number
  /** Managed policies: what the role may do. */
  readonly policyArns: readonly string[]
}

export const ROLE_OUTPUTS = ['cli', 'policy', 'json', 'terraform', 'cloudformation', 'kubernetes'] as const
export type RoleOutput = (typeof ROLE_OUTPUTS)[number]

export const roleArnOf = ({ partition, account, name }: Role): string => `arn:${partition}:iam::${account}:role/${name}`

/** IAM API, CreateRole: the role with its trust policy, in each language; `policy` is the trust policy alone. */
export function roleTexts(role: Role): Readonly<Record<IamOutput | 'policy', string>> {
  const policy = writePolicy(role.trusted)
  return {
    policy: `${JSON.stringify(policy, null, 2)}\n`,
    json: json(role, policy),
    cli: cli(role, policy),
    terraform: terraform(role, policy),
    cloudformation: cloudFormation(role, policy),
  }
}

/** The body that `aws iam create-role --cli-input-json` takes: there the policy is a text. */
function json({ name, maxSessionDuration }: Role, policy: TrustPolicy): string {
  const body = {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(policy),
    MaxSessionDuration: maxSessionDuration,
  }
  return `${JSON.stringify(body, null, 2)}\n`
}

function cli({ name, maxSessionDuration, policyArns }: Role, policy: TrustPolicy): string {
  const create = command(
    'aws iam create-role',
    `--role-name ${inShell(name)}`,
    `--max-session-duration ${maxSessionDuration}`,
    `--assume-role-policy-document ${inShell(JSON.stringify(policy, null, 2))}`,
  )
  const attach = policyArns.map((arn) =>
    command('aws iam attach-role-policy', `--role-name ${inShell(name)}`, `--policy-arn ${inShell(arn)}`),
  )
  // A role of that name that is there may be somebody else's: nothing is attached to it.
  return `${[create, ...attach].join(' &&\n')}\n`
}

function terraform({ name, maxSessionDuration, policyArns }: Role, policy: TrustPolicy): string {
  const role = `resource "aws_iam_role" "lanyard" {
  name                 = ${inHcl(name)}
  max_session_duration = ${maxSessionDuration}
  assume_role_policy   = jsonencode(${inHcl(policy, '  ')})
}
`
  const attached = policyArns.map(
    (arn, index) => `
resource "aws_iam_role_policy_attachment" "lanyard_${index + 1}" {
  role       = aws_iam_role.lanyard.name
  policy_arn = ${inHcl(arn)}
}
`,
  )
  return [role, ...attached].join('')
}

function cloudFormation({ name, maxSessionDuration, policyArns }: Role, policy: TrustPolicy): string {
  const Properties = {
    RoleName: name,
    MaxSessionDuration: maxSessionDuration,
    AssumeRolePolicyDocument: policy,
    ...(policyArns.length > 0 && { ManagedPolicyArns: policyArns }),
  }
  return inYaml({
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { LanyardRole: { Type: 'AWS::IAM::Role', Properties } },
    Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['LanyardRole', 'Arn'] } } },
  })
}
