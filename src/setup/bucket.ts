import { inShell } from '../terminal/shell.ts'
import { command, inComment, inHcl, inYaml } from './quote.ts'
import { isBucketHost, keysIn, type PublicFile, type Site } from './site.ts'

export type Bucket = { readonly name: string; readonly region: string; readonly partition: string }
export type BucketOutput = 'cli' | 'terraform' | 'cloudformation'

/** How the two files get into an S3 bucket whose two objects, and nothing else, everybody may read. */
export const bucketTexts: Readonly<Record<BucketOutput, (site: Site, bucket: Bucket) => string>> = {
  cli: byCli,
  terraform: byTerraform,
  cloudformation: byCloudFormation,
}

/** How long caches may keep them: a new key must be found before its first token. */
const CACHE = 'max-age=300'
const TYPE = 'application/json'

function policyOf(site: Site, { name, partition }: Bucket) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: keysIn(site, name).map(({ path }) => `arn:${partition}:s3:::${name}/${path}`),
      },
    ],
  }
}

/** Policies may make objects public here, access control lists may not. */
const ACCESS = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
} as const

function about(site: Site, { name }: Bucket): readonly string[] {
  const where = isBucketHost(site, name) || keysIn(site, name) !== site.files
  return [
    `# What must be public of the issuer ${inComment(site.issuer)}.`,
    ...(where
      ? []
      : [`# Let ${inComment(site.host)} serve this bucket: a CDN in front of it, with a public certificate.`]),
  ]
}

function byCli(site: Site, bucket: Bucket): string {
  const { name, region } = bucket
  const constraint =
    region === 'us-east-1' ? [] : [`--create-bucket-configuration LocationConstraint=${inShell(region)}`]
  const at = `--bucket ${inShell(name)}`
  return `${[
    ...about(site, bucket),
    'set -eu',
    '# The policy of a bucket that is there already is left alone: let everybody read these two objects of it.',
    `if ! aws s3api head-bucket ${at} 2>/dev/null; then`,
    ...[
      command('aws s3api create-bucket', at, `--region ${inShell(region)}`, ...constraint),
      command('aws s3api put-public-access-block', at, `--public-access-block-configuration ${accessText}`),
      command('aws s3api put-bucket-policy', at, `--policy ${inShell(JSON.stringify(policyOf(site, bucket)))}`),
    ].map((each) => `  ${each.replaceAll('\n', '\n  ')}`),
    'fi',
    ...uploads(site, name),
  ].join('\n')}\n`
}

const accessText = Object.entries(ACCESS)
  .map(([key, value]) => `${key}=${value}`)
  .join(',')

const uploads = (site: Site, bucket: string): readonly string[] =>
  keysIn(site, bucket).map(({ path, text }) =>
    command(
      `printf '%s' ${inShell(text)} |\n  aws s3 cp - ${inShell(`s3://${bucket}/${path}`)}`,
      `--content-type ${TYPE}`,
      `--cache-control ${CACHE}`,
    ),
  )

function byTerraform(site: Site, bucket: Bucket): string {
  const objects = keysIn(site, bucket.name).map(
    ({ path, text }, index) => `resource "aws_s3_object" "issuer_${objectName(index)}" {
  bucket        = aws_s3_bucket.issuer.id
  key           = ${inHcl(path)}
  content       = ${inHcl(text)}
  content_type  = "${TYPE}"
  cache_control = "${CACHE}"
}`,
  )
  return `${[
    [
      ...about(site, bucket),
      `resource "aws_s3_bucket" "issuer" {
  bucket = ${inHcl(bucket.name)}
}`,
    ].join('\n'),
    `resource "aws_s3_bucket_public_access_block" "issuer" {
  bucket                  = aws_s3_bucket.issuer.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}`,
    `resource "aws_s3_bucket_policy" "issuer" {
  bucket     = aws_s3_bucket.issuer.id
  policy     = jsonencode(${inHcl(policyOf(site, bucket), '  ')})
  depends_on = [aws_s3_bucket_public_access_block.issuer]
}`,
    ...objects,
  ].join('\n\n')}\n`
}

const objectName = (index: number): string => (index === 0 ? 'discovery' : 'keys')

function byCloudFormation(site: Site, bucket: Bucket): string {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The bucket of what must be public of the issuer of a Kubernetes cluster.',
    Resources: {
      Issuer: {
        Type: 'AWS::S3::Bucket',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { BucketName: bucket.name, PublicAccessBlockConfiguration: ACCESS },
      },
      IssuerPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: { Ref: 'Issuer' }, PolicyDocument: policyOf(site, bucket) },
      },
    },
  }
  const after = [
    '# CloudFormation puts no objects into buckets. When the stack is there:',
    ...commented(site, bucket.name),
  ]
  return `${[...about(site, bucket), inYaml(template).trimEnd(), ...after].join('\n')}\n`
}

/** What cannot be in the template, to be run once it is there. */
const commented = (site: Site, bucket: string): readonly string[] =>
  keysIn(site, bucket).map(
    ({ path }: PublicFile) =>
      `#   aws s3 cp ${inComment(inShell(`FOLDER/${path}`))} ${inComment(inShell(`s3://${bucket}/${path}`))} --content-type ${TYPE}`,
  )
