import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../src/errors/index.ts'
import type { AdmissionOutcome } from '../../../src/injection/types.ts'
import { answerInternal, answerOutcome, textOf } from '../../../src/webhook/answer.ts'
import { admitByEntries } from '../../support/admitting.ts'
import { podFixture, podFixtures } from '../../support/podFixtures.ts'
import { contextOf } from '../injection/cases.ts'
import { uid } from './reviews.ts'

const inject = (changes: Partial<Extract<AdmissionOutcome, { kind: 'inject' }>> = {}): AdmissionOutcome => ({
  kind: 'inject',
  patch: [{ op: 'add', path: '/spec/initContainers', value: [{ name: 'lanyard' }] }],
  warnings: [],
  audit: { roles: 'app=arn:aws:iam::111122223333:role/app' },
  ...changes,
})
const deny = (problems: readonly Problem[]): AdmissionOutcome => ({ kind: 'deny', problems, warnings: [] })
const responseOf = (outcome: AdmissionOutcome) => answerOutcome(uid, outcome).response

describe('inject', () => {
  test('carries the patch in base64, the uid and the audit annotations', () => {
    const { patch, ...rest } = responseOf(inject())
    expect(JSON.parse(Buffer.from(patch ?? '', 'base64').toString())).toEqual([
      { op: 'add', path: '/spec/initContainers', value: [{ name: 'lanyard' }] },
    ])
    expect(rest).toEqual({
      uid,
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { outcome: 'inject', roles: 'app=arn:aws:iam::111122223333:role/app' },
    })
  })

  test('has neither patch nor patchType where there is nothing to change', () => {
    const response = responseOf(inject({ patch: [] }))
    expect(response).not.toHaveProperty('patch')
    expect(response).not.toHaveProperty('patchType')
    expect(response.allowed).toBe(true)
  })

  test('is an AdmissionReview v1', () => {
    expect(answerOutcome(uid, inject())).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })
  })
})

describe('skip', () => {
  test('lets the pod through and says why', () => {
    expect(responseOf({ kind: 'skip', reason: 'OptedOut', warnings: [] })).toEqual({
      uid,
      allowed: true,
      auditAnnotations: { outcome: 'skip', reason: 'OptedOut' },
    })
  })
})

describe('deny', () => {
  const problems: Problem[] = [
    { code: 'PortTaken', field: 'spec.containers[0].ports[1]', message: 'port 9797 is declared' },
    { code: 'RoleMissing', message: 'no role', fix: 'Add one.' },
    { code: 'PortTaken', field: 'spec.containers[1].ports[0]', message: 'port 9798 is declared' },
  ]

  test('says every problem on a line of its own, with code, field, sentence and fix', () => {
    const response = responseOf(deny(problems))
    expect(response.allowed).toBe(false)
    expect(response.status).toMatchObject({ code: 403, reason: 'Forbidden' })
    expect(response.status?.message.split('\n')).toEqual([
      'Lanyard cannot inject this pod: 3 problems',
      expect.stringMatching(/^PortTaken: spec\.containers\[0\]\.ports\[1\]: port 9797 is declared\. Choose another /),
      'RoleMissing: no role. Add one.',
      expect.stringMatching(/^PortTaken: spec\.containers\[1\]/),
    ])
    expect(response.auditAnnotations).toEqual({ outcome: 'deny', reason: 'PortTaken,RoleMissing' })
  })

  test('one problem is one problem', () => {
    expect(responseOf(deny(problems.slice(0, 1))).status?.message).toMatch(/: 1 problem\n/)
  })

  test('a thousand problems of hostile length are bounded, and the rest is counted', () => {
    const many = Array.from(
      { length: 1_000 },
      () => ({ code: 'AnnotationUnknown', message: `x\n${'y'.repeat(9_000)}` }) as const,
    )
    const message = responseOf(deny(many)).status?.message ?? ''
    expect(message.length).toBeLessThan(40_000)
    expect(message.split('\n')).toHaveLength(16 + 2)
    expect(message).toMatch(/\nand 984 more$/)
  })
})

describe('warnings', () => {
  const warned = (...warnings: string[]) => responseOf({ kind: 'skip', reason: 'OptedOut', warnings }).warnings

  test('are left out where there is none, or only an empty one', () => {
    expect(warned()).toBeUndefined()
    expect(warned('')).toBeUndefined()
  })

  test('are at most 256 printable characters each', () => {
    expect(warned(`a\r\nWarning: 299 - "forged"${'x'.repeat(1_000)}`)).toEqual([
      expect.stringMatching(/^a {2}Warning: 299 - "forged"x+…$/),
    ])
    expect(warned('x'.repeat(10_000))?.[0]).toHaveLength(256)
  })

  test('are bounded in total, and the last one counts the rest', () => {
    const all = warned(...Array.from({ length: 100 }, () => 'x'.repeat(300))) ?? []
    expect(all).toHaveLength(9)
    expect(all.at(-1)).toBe('Lanyard has 92 more warnings about this pod.')
  })
})

test('audit annotations that the API server would refuse are left out or cut', () => {
  const audit = { 'bad key': 'x', '-bad': 'x', ok_1: 'v'.repeat(10_000), ['k'.repeat(64)]: 'x', outcome: 'forged' }
  const { auditAnnotations } = responseOf(inject({ audit }))
  expect(Object.keys(auditAnnotations ?? {}).sort()).toEqual(['ok_1', 'outcome'])
  expect(auditAnnotations?.['outcome']).toBe('inject')
  expect(auditAnnotations?.['ok_1']).toHaveLength(4_096)
})

test('a failure refuses the pod with status 500 and tells nothing of itself', () => {
  expect(answerInternal(uid).response).toEqual({
    uid,
    allowed: false,
    status: { code: 500, reason: 'InternalError', message: expect.stringMatching(/^Internal: Lanyard failed/) },
  })
})

test('an outcome of no known kind is no answer', () => {
  const wrong: unknown = Promise.resolve(inject())
  expect(() => answerOutcome(uid, wrong as AdmissionOutcome)).toThrow(TypeError)
})

describe('the text of an answer is that of JSON.stringify', () => {
  test('for all fixtures', () => {
    for (const name of podFixtures()) {
      const answer = answerOutcome(uid, admitByEntries(podFixture(name), contextOf(name)))
      expect([name, textOf(answer)]).toEqual([name, JSON.stringify(answer)])
    }
  })

  test.each(['"patch":""', '\\"patch":""', '$&', '\u2028'])('whatever the uid %j and what is said with it', (text) => {
    for (const outcome of [inject({ warnings: [text], audit: { roles: text } }), inject({ patch: [] })]) {
      const answer = answerOutcome(text, outcome)
      expect(textOf(answer)).toBe(JSON.stringify(answer))
    }
  })

  test('of a failure', () => {
    expect(textOf(answerInternal(uid))).toBe(JSON.stringify(answerInternal(uid)))
  })
})
