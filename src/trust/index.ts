/** Trust policies of roles: how they are written with the least privilege, and what the classic mistakes let in. */

export { isApiServers } from './audiences.ts'
export { parsePolicy, type Statement } from './document.ts'
export { type Answer, evaluate, type Request } from './evaluate.ts'
export { lintPolicy } from './lint.ts'
export type { Expected, TrustFinding } from './types.ts'
export { nameOfProvider, samlRecipient, subjectOf, type Trusted, type TrustPolicy, writePolicy } from './write.ts'
