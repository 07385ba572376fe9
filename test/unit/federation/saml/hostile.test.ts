import { describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/errors/index.ts'
import { checkResponse } from '../../../../src/federation/saml/index.ts'
import { noon } from '../support.ts'
import { bothSigned, signed } from './hostile/making.ts'
import { hostileResponses } from './hostile.ts'
import { expected } from './support.ts'

const codeOf = (xml: string, wanted = expected): string => {
  try {
    checkResponse(xml, wanted, noon)
    return 'none'
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    expect(thrown.message).not.toMatch(/c4n4ry/)
    expect(thrown.message).not.toContain('\n')
    return thrown.code
  }
}

describe('a hostile response', () => {
  it('is one that would be good without what is wrong with it', () => {
    expect(codeOf(signed())).toBe('none')
    expect(codeOf(bothSigned())).toBe('none')
  })

  it.each(hostileResponses)('$name: $code', ({ code, xml }) => {
    expect(codeOf(xml)).toBe(code)
  })

  it('has a name of its own', () => {
    expect(new Set(hostileResponses.map(({ name }) => name)).size).toBe(hostileResponses.length)
    expect(hostileResponses.length).toBeGreaterThan(100)
  })
})
