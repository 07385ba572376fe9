/**
 * The broker: an app sends the token of its user's login and gets credentials of the role that the operator mapped, for that
 * user alone (`startUserEndpoint`). What is answered is decided by `createBroker`, which knows no socket.
 */
export { type Broker, type BrokerParts, createBroker } from './broker.ts'
export {
  answerFields,
  LONGEST_TOKEN,
  MOST_BODY,
  requestFields,
  USER_PATH,
  type UserReplyRow,
  userReplies,
} from './contract.ts'
export { nameUser } from './names.ts'
export { createProvider, LOGIN_ISSUERS, type LoginIssuers, type ProviderParts } from './providers.ts'
export { startUserEndpoint, type Told, type UserEndpointOptions } from './server.ts'
export type { Outcome, Provider, UserRequest, VerifiedUser, Verify } from './types.ts'
