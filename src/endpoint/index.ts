/**
 * The sidecar's two servers: credentials on 127.0.0.1 (`startEndpoint`), health and metrics on the pod's address
 * (`startHealth`). What is answered is decided in `protocol/`, which knows no socket.
 */
export { type GateOptions, type StartGate, startGate } from './gate.ts'
export { type HealthOptions, startHealth } from './health.ts'
export type { Limits, RunningServer } from './listener.ts'
export { answer, type ContainerContext, CREDENTIALS_PATH, formatExpiration, type Hold } from './protocol/container.ts'
export { type ReplyRow, replies } from './protocol/replies.ts'
export type { EndpointRequest, HeaderValues, Reply, ReplyCode, Routes } from './protocol/types.ts'
export { nameSandbox, type SandboxOptions } from './sandbox.ts'
export type { Scrape } from './scrapes.ts'
export { type EndpointOptions, type EndpointProtocol, startEndpoint } from './server.ts'
export { type EndpointTokens, prepareTokens, type TokenOptions } from './tokens.ts'
