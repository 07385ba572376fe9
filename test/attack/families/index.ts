import type { Attack } from '../attack.ts'
import { callers } from './callers.ts'
import { floods } from './floods.ts'
import { guessing } from './guessing.ts'
import { imds } from './imds.ts'
import { pipelining } from './pipelining.ts'
import { requests } from './requests.ts'
import { roles } from './roles.ts'
import { slow } from './slow.ts'
import { smuggling } from './smuggling.ts'
import { strangers } from './strangers.ts'

/** Every attack, in the order in which they are tried. */
export const attacks: readonly Attack[] = [
  ...callers,
  ...requests,
  ...smuggling,
  ...strangers,
  ...roles,
  ...guessing,
  ...imds,
  ...pipelining,
  ...floods,
  ...slow,
]
