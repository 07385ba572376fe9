import { describe, expect, it } from 'vitest'
import { accountId, assume, createClock, textOf, token, useWorld, verdictOf, world } from './support.ts'

const clock = createClock()
useWorld(clock)

async function refusal(parameters: Record<string, string | undefined>): Promise<unknown[]> {
  return verdictOf(await assume(world, { WebIdentityToken: token, ...parameters }))
}

const statement = { Effect: 'Allow', Action: '*', Resource: '*' }

describe('parameters', () => {
  const constraint = 'failed to satisfy constraint: Member must'
  const one = (text: string): (string | number)[] => [400, 'ValidationError', `1 validation error detected: ${text}`]

  it.each<[title: string, parameters: Record<string, string | undefined>, text: string]>([
    ['no role', { RoleArn: undefined }, `Value null at &apos;roleArn&apos; ${constraint} not be null`],
    [
      'a short role',
      { RoleArn: 'arn' },
      `Value &apos;arn&apos; at &apos;roleArn&apos; ${constraint} have length greater than or equal to 20`,
    ],
    [
      'no session name',
      { RoleSessionName: undefined },
      `Value null at &apos;roleSessionName&apos; ${constraint} not be null`,
    ],
    [
      'a session name of one character',
      { RoleSessionName: 'x' },
      `Value &apos;x&apos; at &apos;roleSessionName&apos; ${constraint} have length greater than or equal to 2`,
    ],
    [
      'a session name with a slash',
      { RoleSessionName: 'a/b' },
      `Value &apos;a/b&apos; at &apos;roleSessionName&apos; ${constraint} satisfy regular expression pattern: [\\w+=,.@-]*`,
    ],
    [
      'no token',
      { WebIdentityToken: undefined },
      `Value null at &apos;webIdentityToken&apos; ${constraint} not be null`,
    ],
    [
      'a long token',
      { WebIdentityToken: 'x'.repeat(20_001) },
      `Value at &apos;webIdentityToken&apos; ${constraint} have length less than or equal to 20000`,
    ],
    [
      'a short duration',
      { DurationSeconds: '899' },
      `Value &apos;899&apos; at &apos;durationSeconds&apos; ${constraint} have value greater than or equal to 900`,
    ],
    [
      'a long duration',
      { DurationSeconds: '43201' },
      `Value &apos;43201&apos; at &apos;durationSeconds&apos; ${constraint} have value less than or equal to 43200`,
    ],
    [
      'an empty policy',
      { Policy: '' },
      `Value &apos;&apos; at &apos;policy&apos; ${constraint} have length greater than or equal to 1`,
    ],
  ])('%s', async (_title, parameters, text) => {
    expect(await refusal(parameters)).toEqual(one(text))
  })

  it('are all judged at once', async () => {
    const [, code, message] = await refusal({ RoleArn: 'arn', RoleSessionName: 'x', DurationSeconds: '1' })
    expect(code).toBe('ValidationError')
    expect(message).toMatch(/^3 validation errors detected: .*roleArn.*; .*roleSessionName.*; .*durationSeconds/)
  })

  it('take ten policies and no more', async () => {
    const list = (count: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `PolicyArns.member.${at + 1}.arn`,
          `arn:aws:iam::aws:policy/Policy${at}`,
        ]),
      )
    expect(await refusal(list(10))).toEqual([200, undefined, undefined])
    expect((await refusal(list(11)))[2]).toContain('length less than or equal to 10')
  })

  it.each<[title: string, parameters: Record<string, string | undefined>, expected: [string, string | RegExp]]>([
    ['a duration that is no number', { DurationSeconds: '1h' }, ['MalformedInput', /not an integer/]],
    ['a role that is no ARN', { RoleArn: 'x'.repeat(30) }, ['ValidationError', 'Request ARN is invalid']],
    ['a user', { RoleArn: `arn:aws:iam::${accountId}:user/x` }, ['ValidationError', 'Request ARN is invalid']],
    ['a policy that is no JSON', { Policy: '{' }, ['MalformedPolicyDocument', 'This policy contains invalid Json']],
    [
      'policies too large together',
      {
        Policy: JSON.stringify({ Statement: [statement] }).padEnd(2040),
        'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      },
      ['PackedPolicyTooLarge', 'Packed size of session policies consumes 102% of allotted space.'],
    ],
    [
      'more than the role allows',
      { DurationSeconds: '3601' },
      ['ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'],
    ],
  ])('%s', async (_title, parameters, [code, message]) => {
    const [status, actualCode, actualMessage] = await refusal(parameters)
    expect([status, actualCode]).toEqual([400, code])
    expect(actualMessage).toMatch(message)
  })

  it('DurationSeconds may be what the role allows', async () => {
    const answer = await assume(world, {
      WebIdentityToken: token,
      RoleArn: world.sts.roleArn('long'),
      DurationSeconds: '7200',
    })
    expect(textOf(answer, 'Expiration')).toBe('2026-01-15T14:00:00Z')
    expect(textOf(answer, 'Arn')).toBe(`arn:aws:sts::${accountId}:assumed-role/long/shop.web.web-0`)
  })
})
