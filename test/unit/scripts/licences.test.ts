import { expect, test } from 'vitest'
import { isAllowed } from '../../../scripts/check/licences.ts'

test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-only)', 'MIT AND ISC', '(MIT AND BSD-3-Clause)'])(
  '%s may be',
  (text) => {
    expect(isAllowed(text)).toBe(true)
  },
)

test.each([undefined, '', 'UNLICENSED', 'SEE LICENSE IN x', 'GPL-3.0-only', 'MIT AND GPL-3.0-only', 'mit'])(
  '%s may not be',
  (text) => {
    expect(isAllowed(text)).toBe(false)
  },
)
