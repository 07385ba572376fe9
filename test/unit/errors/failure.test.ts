import { describe, expect, it } from 'vitest'
import { codes, Failure, failOn, fixOf, formatProblem, type Problem, toFailure } from '../../../src/errors/index.ts'

const problem: Problem = { code: 'SettingInvalid', field: 'aws.region', message: 'the value is "x"' }

describe('formatProblem', () => {
  it.each<[Problem, string]>([
    [problem, `SettingInvalid: aws.region: the value is "x". ${codes.SettingInvalid.fix}`],
    [{ ...problem, fix: 'Do it.' }, 'SettingInvalid: aws.region: the value is "x". Do it.'],
    [{ code: 'Internal', message: 'why?' }, `Internal: why? ${codes.Internal.fix}`],
    [{ code: 'Internal', message: 'so!' }, `Internal: so! ${codes.Internal.fix}`],
    [{ code: 'Internal', message: 'so.', field: '' }, `Internal: : so. ${codes.Internal.fix}`],
  ])('%j', (given, text) => {
    expect(formatProblem(given)).toBe(text)
  })

  it("prefers the problem's own advice", () => {
    expect(fixOf(problem)).toBe(codes.SettingInvalid.fix)
    expect(fixOf({ ...problem, fix: '' })).toBe('')
  })
})

describe('Failure', () => {
  const other: Problem = { code: 'SettingMissing', message: 'there is no value' }

  it('carries all problems, the first as its code', () => {
    const failure = new Failure(problem, other)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).toMatchObject({ name: 'Failure', code: 'SettingInvalid', problems: [problem, other] })
    expect(failure.message).toBe(`${formatProblem(problem)}\n${formatProblem(other)}`)
  })

  it('knows how to be retried', () => {
    expect(new Failure({ code: 'TokenExpired', message: 'm' }).retry).toBe('rereadToken')
    expect(new Failure({ code: 'StsAccessDenied', message: 'm' }).retry).toBe('slow')
    expect(new Failure({ code: 'Internal', message: 'm' }).retry).toBe('backoff')
  })

  it('is thrown where there is a problem', () => {
    expect(() => failOn([])).not.toThrow()
    expect(() => failOn([problem, other])).toThrow(new Failure(problem, other).message)
  })
})

describe('toFailure', () => {
  it('leaves a Failure as it is', () => {
    const failure = new Failure(problem)
    expect(toFailure(failure)).toBe(failure)
  })

  class Odd extends Error {
    override readonly name: string
    constructor(name: string) {
      super('canary')
      this.name = name
    }
  }

  it.each<[unknown, string]>([
    [new TypeError('canary'), 'TypeError at failure.test.ts:N'],
    [new TypeError('\n    at canary.ts:1:1'), 'TypeError at failure.test.ts:N'],
    ['canary', 'string'],
    [undefined, 'undefined'],
    [null, 'object'],
    [{ message: 'canary', code: 'canary' }, 'object'],
    [new Odd('Named'), 'Named at failure.test.ts:N'],
    [new Odd('canary secret'), 'error at failure.test.ts:N'],
    [new Odd('x'.repeat(41)), 'error at failure.test.ts:N'],
    [Object.assign(new Odd('Named'), { stack: 'canary without a place' }), 'Named'],
    [Object.assign(new Odd('Named'), { stack: undefined }), 'Named'],
  ])('says no more than the class and place of %s', (thrown, kind) => {
    const failure = toFailure(thrown)
    const [problem] = failure.problems
    const message = problem?.message.replace(/:\d+$/, ':N')
    expect({ ...problem, message }).toEqual({ code: 'Internal', message: `unexpected ${kind}` })
    expect(failure.message).not.toContain('canary')
  })
})
