import { describe, expect, it } from 'vitest'
import { readFault } from '../../../src/testbed/control/readFault.ts'
import type { Fault } from '../../../src/testbed/index.ts'
import { TestbedError } from '../../../src/testbed/index.ts'

describe('readFault', () => {
  it.each<Fault>([
    { kind: 'throttling' },
    { kind: 'unavailable', action: 'AssumeRoleWithWebIdentity' },
    { kind: 'idpCommunicationError' },
    { kind: 'failure', code: 'RegionDisabledException', message: 'STS is off here' },
    { kind: 'failure', code: 'X', message: 'y', status: 403 },
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'html', status: 502 },
    { kind: 'lies', lie: 'missingFields', fields: ['SessionToken'] },
    { kind: 'lies', lie: 'truncated' },
    { kind: 'skew', ms: -600_000 },
    { kind: 'slowBody', ms: 0 },
    { kind: 'shortSession', seconds: 60 },
  ])('takes %j', (fault) => {
    expect(readFault(JSON.parse(JSON.stringify(fault)))).toEqual(fault)
  })

  it.each<[sent: string, message: RegExp]>([
    ['null', /must be a JSON object/],
    ['"hang"', /must be a JSON object/],
    ['[]', /^kind: must be one of throttling, /],
    ['{"kind":"toString"}', /^kind: must be one of/],
    ['{"kind":["hang"]}', /^kind: must be one of/],
    ['{"kind":"hang","ms":1}', /fields kind, action and no other/],
    ['{"kind":"hang","__proto__":{"action":"A"}}', /and no other/],
    ['{"kind":"hang","action":""}', /^action: must be a text/],
    ['{"kind":"failure","code":"X"}', /^message: must be a text/],
    ['{"kind":"failure","code":"X","message":"y","status":200}', /^status: must be a whole number from 400/],
    ['{"kind":"html","status":500}', /^status: must be one of 200, 502/],
    ['{"kind":"lies"}', /^lie: must be one of/],
    ['{"kind":"lies","lie":"truncated","fields":"a"}', /^fields: must be a list/],
    ['{"kind":"skew","ms":1e300}', /^ms: must be a whole number/],
    ['{"kind":"slowBody","ms":2147483648}', /^ms: must be a whole number from 0 to 3600000/],
    ['{"kind":"shortSession","seconds":0.5}', /^seconds: must be/],
  ])('refuses %s', (sent, message) => {
    expect(() => readFault(JSON.parse(sent))).toThrow(TestbedError)
    expect(() => readFault(JSON.parse(sent))).toThrow(message)
  })

  it('never repeats what was sent', () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9'
    for (const sent of [{ kind: token }, { kind: 'hang', [token]: token }, { kind: 'hang', action: [token] }]) {
      expect(() => readFault(sent)).toThrow(TestbedError)
      expect(() => readFault(sent)).not.toThrow(token)
    }
  })
})
