import { describe, expect, it } from 'vitest'
import { injected } from '../../support/admitting.ts'
import { gen, OTHER_ROLE, ROLE } from '../../support/gen.ts'

const warningsOf = (image: string, annotations: Record<string, string> = {}): readonly string[] =>
  injected(gen.pod({ 'role-arn': ROLE, ...annotations }, { containers: [gen.container({ image })] })).warnings

describe('a client that is too old by its image', () => {
  it.each([
    ['aws-cli:2.9.0', '2.9.0'],
    ['public.ecr.aws/aws-cli/aws-cli:2.14.99', '2.14.99'],
    ['registry.example.com:5000/mirror/aws-cli:v1.32.0-r1', '1.32.0'],
    ['aws-cli:02.9.0', '2.9.0'],
    [`aws-cli:2.9.0@sha256:${'0'.repeat(64)}`, '2.9.0'],
  ])('%s', (image, version) => {
    expect(warningsOf(image)).toEqual([
      `container app: its image has the AWS CLI ${version}, which cannot read the token file; 2.15.0 can, and IMDS needs none`,
    ])
  })

  it.each([
    'aws-cli:2.15.0',
    'aws-cli:2.15.1',
    'aws-cli:2.100.0',
    'aws-cli:3.0.0',
    'aws-cli:latest',
    'aws-cli:2.9',
    'aws-cli',
    `aws-cli@sha256:${'0'.repeat(64)}`,
    'my-aws-cli:2.9.0',
    'aws-cli-tools:2.9.0',
    'registry.example.com/app:2.9.0',
    '',
  ])('is not told of %j', (image) => {
    expect(warningsOf(image)).toEqual([])
  })

  it('does not matter in direct mode, nor by IMDS, nor where it gets nothing', () => {
    expect(warningsOf('aws-cli:2.9.0', { protocol: 'imds' })).toEqual([])
    expect(warningsOf('aws-cli:2.9.0', { mode: 'direct' })).toEqual([])
    const containers = [gen.container(), gen.container({ name: 'cli', image: 'aws-cli:2.9.0' })]
    const { warnings } = injected(gen.pod({ 'role-arn': ROLE, containers: 'app' }, { containers }))
    expect(warnings.join()).not.toContain('AWS CLI')
  })

  it('may have no image at all', () => {
    expect(injected(gen.pod(undefined, { containers: [{ name: 'app' }] })).warnings).toEqual([])
  })
})

it('a role that no container uses is told, and one that some use is not', () => {
  const warning = 'lanyard.dev/role-arn is used by no container: lanyard.dev/container-roles gives each of them its own'
  expect(warningsOf('a', { 'container-roles': `app=${OTHER_ROLE}` })).toContain(warning)
  const containers = [gen.container(), gen.container({ name: 'helper' })]
  const pod = gen.pod({ 'role-arn': ROLE, 'container-roles': `app=${OTHER_ROLE}` }, { containers })
  expect(injected(pod).warnings).not.toContain(warning)
})
