/** Responses that must be refused, each by its code: what an identity provider may do wrong, and what an attacker may try. */
import { addressed } from './hostile/addressed.ts'
import { claims } from './hostile/claims.ts'
import { markup } from './hostile/markup.ts'
import { signing } from './hostile/signing.ts'
import { wrapping } from './hostile/wrapping.ts'

export const hostileResponses = [...signing, ...wrapping, ...markup, ...addressed, ...claims].map(
  ([name, code, xml]) => ({
    name,
    code,
    xml,
  }),
)
