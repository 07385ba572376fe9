import { expect, it } from 'vitest'
import { plainExchanges } from '../../../cmd/sidecar/plainExchanges.ts'
import { slimExchanges } from '../../../cmd/sidecar/slimExchanges.ts'
import { createDirectSts } from '../../../src/stsDirect/index.ts'

it('differs from the plain one in how STS is asked, and knows as little', () => {
  expect(slimExchanges).toEqual({ ...plainExchanges, openSts: createDirectSts })
})
