export type { Area, CodeEntry, Retry } from './codes/entry.ts'
export { type Code, codes, describe, type EndpointCode, type SkipReason, type UserCode } from './codes.ts'
export { Failure, failOn, fixOf, formatProblem, type Problem, toFailure } from './failure.ts'
