import { describe, expect, test } from 'vitest'
import {
  type Checked,
  type Finding,
  firstToMend,
  formatChecked,
  formatSummary,
  toJson,
} from '../../../src/doctor/index.ts'
import type { Style } from '../../../src/terminal/style.ts'

const as = (name: string) => (text: string) => `<${name}>${text}</${name}>`
const style: Style = { bold: as('b'), dim: as('d'), green: as('g'), red: as('r'), cyan: as('c') }
const plain = (text: string): string => text
const unstyled: Style = { bold: plain, dim: plain, green: plain, red: plain, cyan: plain }

const check = (verdict: Checked['verdict'], ...findings: readonly Finding[]): Checked => ({
  id: verdict,
  title: `it is ${verdict}`,
  verdict,
  findings,
})
const ok = check('ok', { verdict: 'ok', message: 'fine' })
const skip = check('skip', { verdict: 'skip', subject: 'pod/web', message: 'not known' })
const warn = check('warn', {
  verdict: 'warn',
  code: 'AppNeverAsked',
  subject: 'pod/web',
  message: 'no request',
  fix: 'Nothing.',
})
const fail = check(
  'fail',
  { verdict: 'fail', code: 'WebhookDown', message: 'it is down' },
  { verdict: 'fail', message: 'and this' },
)

describe('a check for a person', () => {
  test('has a colour for each verdict', () => {
    expect(formatChecked(ok, style)).toBe('<g>ok  </g>  it is ok\n<d>      fine</d>\n')
    expect(formatChecked(skip, style)).toBe('<d>skip</d>  it is skip\n<d>      pod/web: not known</d>\n')
    expect(formatChecked(warn, style)).toBe(
      '<b>warn</b>  it is warn\n      AppNeverAsked pod/web: no request\n<b>      → Nothing.</b>\n',
    )
    expect(formatChecked(fail, style)).toContain(
      '<r>FAIL</r>  it is fail\n      WebhookDown: it is down\n<b>      → Look at',
    )
    expect(formatChecked(fail, style)).toMatch(/\n {6}and this\n$/)
  })

  test('is not rewritten by what a name holds', () => {
    const hostile = check('fail', {
      verdict: 'fail',
      code: 'WebhookDown',
      subject: 'a\u001b[2J',
      message: 'x\rok',
      fix: '\u202ey',
    })
    expect(formatChecked(hostile, unstyled)).toBe('FAIL  it is fail\n      WebhookDown a [2J: x ok\n      → y\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not pass
    expect(formatSummary([hostile], unstyled)).not.toMatch(/[\u001b\u202e]/)
  })

  test('fits 80 columns', () => {
    const long = check('fail', {
      verdict: 'fail',
      code: 'WebhookDown',
      message: 'word '.repeat(60),
      fix: 'mend '.repeat(60),
    })
    const lines = formatChecked(long, unstyled).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(lines.length).toBeGreaterThan(7)
  })

  test('fits a terminal that is narrower, long words too; on others those stay whole', () => {
    const arn = `arn:aws:iam::111122223333:role/${'r'.repeat(64)}`
    const long = check('fail', { verdict: 'fail', code: 'WebhookDown', message: `no ${arn}`, fix: `Mend ${arn}.` })
    const narrow = `${formatChecked(long, unstyled, 40)}${formatSummary([long, warn], unstyled, { columns: 40 })}`
    expect(Math.max(...narrow.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(40)
    expect(narrow.replaceAll(/\n */g, '')).toContain(arn)
    for (const columns of [undefined, 80, 120]) expect(formatChecked(long, unstyled, columns)).toContain(arn)
  })
})

describe('where to begin', () => {
  test('is the first failure, else the first warning', () => {
    expect(firstToMend([ok, warn, fail])?.code).toBe('WebhookDown')
    expect(firstToMend([ok, warn])?.code).toBe('AppNeverAsked')
    expect(firstToMend([ok, skip])).toBeUndefined()
  })

  test('is with the pod that was asked about where it has its sidecar: that runs without the webhook', () => {
    const down = { ...fail, id: 'webhook-up' }
    const denied = { ...check('fail', { verdict: 'fail', code: 'StsAccessDenied', message: 'no' }), id: 'exchange' }
    const sidecar = { ...ok, id: 'sidecar' }
    const all = [down, sidecar, denied]
    expect(firstToMend(all, 'sidecar')?.code).toBe('StsAccessDenied')
    expect(firstToMend(all)?.code).toBe('WebhookDown')
    // Without one it waits for the webhook, like any other.
    expect(firstToMend([down, { ...skip, id: 'sidecar' }, denied], 'sidecar')?.code).toBe('WebhookDown')
    // A warning of its own is not worth more than a failure of others.
    expect(firstToMend([down, sidecar, warn], 'sidecar')?.code).toBe('WebhookDown')
    // Nor than a warning before it, of which it may be the consequence.
    const lacking = check('warn', { verdict: 'warn', code: 'RightsMissing', message: 'no' })
    expect(firstToMend([lacking, sidecar, warn], 'sidecar')?.code).toBe('RightsMissing')
    expect(formatSummary(all, unstyled, { ownFrom: 'sidecar' })).toContain('Begin with StsAccessDenied')
    expect(JSON.parse(toJson(all, 'sidecar')).first.code).toBe('StsAccessDenied')
  })

  test('is at the end for a person', () => {
    expect(formatSummary([ok, skip, warn, fail], unstyled)).toMatch(
      /^\n1 ok, 1 warn, 1 fail, 1 skipped\nBegin with WebhookDown: Look at the Deployment/,
    )
    expect(formatSummary([ok], unstyled)).toBe('\n1 ok, 0 warn, 0 fail, 0 skipped\n')
  })

  test('no control character of a name gets out of the JSON as it is', () => {
    const text = toJson([check('fail', { verdict: 'fail', code: 'WebhookDown', message: 'a\u009b2J\u0085b\u001b' })])
    expect(text).toContain('"a\\u009b2J\\u0085b\\u001b"')
    expect(JSON.parse(text).first.message).toBe('a\u009b2J\u0085b\u001b')
  })

  test('is a field for scripts, with the advice of the table where there is no better', () => {
    const report = JSON.parse(toJson([ok, warn, fail]))
    expect(report).toMatchObject({
      verdict: 'fail',
      first: { code: 'WebhookDown', fix: expect.stringMatching(/^Look at the Deployment/) },
      checks: [{ id: 'ok', findings: [{ message: 'fine' }] }, { findings: [{ fix: 'Nothing.' }] }, { verdict: 'fail' }],
    })
    expect(report.checks[0].findings[0]).not.toHaveProperty('fix')
    expect(report.checks[2].findings[1]).not.toHaveProperty('fix')
    for (const well of [[ok], [ok, skip]])
      expect(JSON.parse(toJson(well))).toMatchObject({ verdict: 'ok', first: null })
  })
})
