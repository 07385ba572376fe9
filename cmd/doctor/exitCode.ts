import type { Verdict } from '../../src/doctor/types.ts'
import { EXIT } from '../run.ts'

const BY_VERDICT: Readonly<Record<Verdict, number>> = { ok: EXIT.done, skip: EXIT.done, warn: 3, fail: EXIT.failed }

/** 0 all is well, 1 something is wrong, 3 warnings only. */
export const exitCodeBy = (worst: Verdict): number => BY_VERDICT[worst]
