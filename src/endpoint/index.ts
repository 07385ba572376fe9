/**
 * The sidecar's two servers: credentials on 127.0.0.1 (`startEndpoint`), health and metrics on the pod's address
 * (`startHealth`). What is answered is decided in `protocol/`, which knows no socket.
 */
export {
  type Answering,
  answeringContainers,
  answeringImds,
  type ContainerAnswering,
  type ImdsAnswering,
} from './answering.ts'
export { BURST, restAfterBursts } from './bursts.ts'
export { type GateOptions, type StartGate, startGate } from './gate.ts'
export { type HealthOptions, startHealth } from './health.ts'
export type { Limits, RunningServer } from './listener.ts'
export { answer, type ContainerContext } from './protocol/container.ts'
export {
  type EndpointProtocol,
  type ReplyRow,
  type Resource,
  type ResourceName,
  replies,
  resources,
  routesOf,
} from './protocol/contract.ts'
export { formatInstant } from './protocol/documents.ts'
export type { Hold } from './protocol/hold.ts'
export { answerImds, type ImdsContext, type Instance, type SessionTokens } from './protocol/imds.ts'
export type { EndpointRequest, HeaderValues, Reply, ReplyCode, Route, Routes } from './protocol/types.ts'
export { nameSandbox, type SandboxOptions } from './sandbox.ts'
export type { Scrape } from './scrapes.ts'
export { type EndpointOptions, startEndpoint } from './server.ts'
export { createSessionTokens } from './sessionTokens.ts'
export { type EndpointTokens, prepareTokens, type TokenOptions } from './tokens.ts'
