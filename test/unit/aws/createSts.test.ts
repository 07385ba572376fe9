import { describe, expect, it } from 'vitest'
import { createSts } from '../../../src/aws/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { OpenSts, StsOptions } from '../../../src/federation/index.ts'
import { createDirectSts } from '../../../src/stsDirect/index.ts'

const base: StsOptions = { region: 'eu-west-1', connectTimeout: 1_000, totalTimeout: 3_000, now: () => 0 }

function problemOf(open: OpenSts, options: Partial<StsOptions>): { code: string; message: string } {
  try {
    open({ ...base, ...options })
  } catch (thrown) {
    if (thrown instanceof Failure) return { code: thrown.code, message: thrown.message }
    throw thrown
  }
  throw new Error('nothing was thrown')
}

const pem = (content: string) => `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`

describe.each([
  ['createSts', createSts],
  ['createDirectSts', createDirectSts],
] as const)('%s', (_, open) => {
  it.each([{}, { region: 'cn-north-1' }, { endpoint: 'https://sts.amazonaws.com', region: 'us-east-1' }])(
    'takes %j',
    (options) => {
      expect(open({ ...base, ...options })).toHaveProperty('assumeRoleWithWebIdentity')
    },
  )

  it.each([
    [{ endpoint: 'http://sts.example.com' }, 'STS endpoint'],
    [{ endpoint: 'http://127.0.0.1:4566' }, 'https only'],
    [{ endpoint: 'sts.example.com' }, 'STS endpoint'],
    [{ endpoint: 'https://user:c4n4ry@sts.example.com' }, 'STS endpoint'],
    [{ endpoint: 'https://sts.example.com/?a' }, 'STS endpoint'],
    [{ endpoint: 'https://sts.example.com/#a' }, 'STS endpoint'],
    [{ region: '' }, 'region'],
    [{ region: 'evil.example.com/' }, 'region'],
    [{ region: 'eu west' }, 'region'],
    [{ ca: '' }, 'certificate authority'],
    [{ ca: 'c4n4ry' }, 'certificate authority'],
    [{ ca: pem('Z2FyYmFnZQ==') }, 'certificate authority'],
  ])('refuses %j', (options, words) => {
    const problem = problemOf(open, options)
    expect(problem.code).toBe('SettingInvalid')
    expect(problem.message).toContain(words)
    expect(problem.message).not.toContain('c4n4ry')
  })
})
