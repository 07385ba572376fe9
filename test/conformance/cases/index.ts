import type { Case } from './case.ts'
import { coldStart, identity, window } from './serving.ts'
import { expired, gone, outage, wrongToken } from './trouble.ts'

/** In the order of the table. The loop over rotations is apart: it takes minutes, and goes on beside these. */
export const cases: readonly Case[] = [identity, coldStart, window, outage, wrongToken, gone, expired]
