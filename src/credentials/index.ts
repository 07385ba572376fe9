export { type Clock, type Look, lookAt } from './clock.ts'
export { createSession, type RunningSession, type SessionParts, type SettledEvent } from './driver.ts'
export { initialState, type SessionEffect, type SessionEvent, type SessionState, step, viewOf } from './machine.ts'
export { type KeptSessions, restoreState } from './restore.ts'
export { CLIENT_WINDOWS, HARD_STOP, renewAt, retryAfter } from './schedule.ts'
export type {
  CredentialsView,
  FailureNote,
  Instant,
  Milliseconds,
  Obtain,
  Session,
  SessionCredentials,
} from './types.ts'
