import { bad, good, type Kind, listOf, type Parsed, pairsOf, quote, textKind } from './kind.ts'

/** A role as a person writes it: whole, or by its name in the operator's account. */
export type RoleReference = { readonly arn: string } | { readonly name: string }

/**
 * Who owns a role, and its partition: an account of AWS; at Ceph an account, a tenant or nobody, where no tenant may look
 * like an AWS account with a digit too few; at MinIO nobody.
 */
const OWNER = '(aws[a-z-]*:iam::\\d{12}|aws:iam::([A-Za-z_]\\w{0,63}|[0-9a-f]{32})?|minio:iam::)'

/** A path may hold nearly anything, but not the next ARN of a list that somebody separated by commas. */
const ROLE_ARN = new RegExp(`^(?!.*[,;=]arn:)arn:${OWNER}:role\\/([\\x21-\\x7e]+\\/)?[\\w+=,.@-]{1,64}$`)
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/

/** IAM role ARN (IAM, "IAM identifiers"; STS API, AssumeRole: RoleArn is 20 to 2048 characters long). */
export const roleArn: Kind<string> = textKind(
  'the ARN of an IAM role',
  'arn:aws:iam::111122223333:role/app',
  ROLE_ARN,
  [20, 2048],
)

export const role: Kind<RoleReference> = {
  form: 'the ARN of an IAM role',
  example: roleArn.example,
  parse: (text) => {
    if (ROLE_NAME.test(text)) return good({ name: text })
    const arn = roleArn.parse(text)
    return arn.ok ? good({ arn: arn.value }) : arn
  },
}

export const roleChain: Kind<readonly string[]> = listOf(roleArn, 'ARNs of IAM roles', 5)

/** As a number YAML would drop a leading zero. */
export const accountId: Kind<string> = {
  ...textKind('an AWS account ID of 12 digits', '111122223333', /^\d{12}$/, [12, 12]),
  schema: 'string',
}
export const partition: Kind<string> = textKind('an AWS partition', 'aws', /^aws(-[a-z]+)*$/, [3, 20])
export const region: Kind<string> = textKind(
  'an AWS region',
  'eu-west-1',
  /^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/,
  [6, 40],
)

/** Patterns of role ARNs: `*` crosses neither `:` nor `/` and never stands for the partition or the account. */
export const ROLE_PATTERN = new RegExp(`^arn:${OWNER}:role\\/[\\w+=,.@*/-]{1,512}$`)
export const rolePatterns: Kind<readonly string[]> = listOf(
  textKind(
    'the ARN of a role in which * may stand for a part of its path or name',
    'arn:aws:iam::111122223333:role/team-*',
    ROLE_PATTERN,
  ),
  'ARNs of roles in which * may stand for a part',
)

const PLACEHOLDERS = ['namespace', 'pod', 'serviceaccount', 'container'] as const

/** What a session name is made of; what comes out is sanitised and cut to STS's 2 to 64 characters. */
export const sessionNameTemplate: Kind<string> = {
  form: `a text with ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')} in it`,
  example: '{namespace}.{serviceaccount}.{pod}',
  parse: (text) => {
    if (text.length === 0 || text.length > 256) return bad(`has ${text.length} characters, not 1 to 256`)
    const rest = text.replace(/\{(\w+)\}/g, (whole, name: string) =>
      PLACEHOLDERS.some((known) => known === name) ? '' : whole,
    )
    if (/[{}]/.test(rest)) return bad(`has a placeholder in ${quote(text)} that does not exist`)
    return /^[\w+=,.@-]*$/.test(rest) ? good(text) : bad(`has characters that no session name can have: ${quote(text)}`)
  },
}

/** STS API, AssumeRole: a session by role chaining lasts an hour at most, and longer fails. */
export const LONGEST_CHAINED_SECONDS = 3600

/** STS API, AssumeRoleWithWebIdentity: Policy and PolicyArns share 2,048 characters. */
export const POLICY_CHARACTERS = 2048
const POLICY_TEXT = /^[\t\n\r\x20-\xff]*$/

export const policyDocument: Kind<string> = {
  form: `an IAM policy as JSON of at most ${POLICY_CHARACTERS} characters`,
  example: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
  parse: (text) => {
    if (text.length > POLICY_CHARACTERS) return bad(`has ${text.length} characters, more than ${POLICY_CHARACTERS}`)
    if (!POLICY_TEXT.test(text)) return bad('has characters that no policy can have')
    const document = parseJson(text)
    if (typeof document !== 'object' || document === null) return bad('is not a JSON object')
    return 'Statement' in document ? good(text) : bad('has no "Statement"')
  },
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const POLICY_ARN = /^(?!.*[,;=]arn:)arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/[\x21-\x7e]+$/
export const policyArns: Kind<readonly string[]> = listOf(
  textKind('the ARN of an IAM policy', 'arn:aws:iam::aws:policy/ReadOnlyAccess', POLICY_ARN, [20, 2048]),
  'at most 10 ARNs of IAM policies',
  10,
)

/** STS API, AssumeRole. The value of an external ID is not repeated in messages: some treat it as a secret. */
export const externalId: Kind<string> = {
  form: 'an external ID of 2 to 1224 characters from A-Z a-z 0-9 _ + = , . @ : / -',
  example: 'customer-42',
  parse: (text): Parsed<string> => (/^[\w+=,.@:/-]{2,1224}$/.test(text) ? good(text) : bad('is not one')),
}

export const sourceIdentity: Kind<string> = textKind('a source identity', 'checkout', /^(?!aws:)[\w+=,.@-]+$/, [2, 64])

export const tagKey = textKind('a tag key', 'team', /^(?!aws:)[\w.:/+@-]+$/, [1, 128])
const tagValue = textKind('a tag value', 'checkout', /^[\w.:/=+@-]*$/, [0, 256])
export const sessionTags: Kind<ReadonlyMap<string, string>> = pairsOf(tagKey, tagValue, 'KEY=VALUE', 50)
