import type { CredentialsView, Instant, Session } from '../credentials/types.ts'
import type { Exchange } from './exchange.ts'
import { answer } from './protocol/container.ts'
import { type EndpointProtocol, routesOf } from './protocol/contract.ts'
import type { Hold } from './protocol/hold.ts'
import { answerImds, type Instance, type SessionTokens } from './protocol/imds.ts'
import type { Reply } from './protocol/types.ts'
import type { EndpointTokens } from './tokens.ts'

type Asking = {
  /** To be used for every look at a session, so that it is known whose credentials the request is about. */
  viewOf(session: Session): CredentialsView
  readonly held: boolean
}

/** A protocol, joined to the pod's sessions. */
export type Answering = {
  readonly protocol: EndpointProtocol
  ask(exchange: Exchange, asking: Asking): Reply | Hold
}

export type ContainerAnswering = {
  /** By the container's name; containers with the same role may share one. */
  readonly sessions: ReadonlyMap<string, Session>
  readonly tokens: EndpointTokens
  now(): Instant
}

/** The container credentials protocol: the token that is presented says whose credentials. */
export const answeringContainers = ({ sessions, tokens, now }: ContainerAnswering): Answering => ({
  protocol: 'container',
  ask: ({ request, port }, { viewOf, held }) => {
    const lookup = (token: string): CredentialsView | undefined => {
      const session = sessions.get(tokens.lookup(token) ?? '')
      return session === undefined ? undefined : viewOf(session)
    }
    return answer(request, { port, lookup, held }, now())
  },
})

export type ImdsAnswering = {
  readonly session: Session
  readonly instance: Instance
  readonly tokens: SessionTokens
  now(): Instant
}

/** IMDSv2: whoever is in the pod is served the one role. */
export function answeringImds({ session, instance, tokens, now }: ImdsAnswering): Answering {
  const routes = routesOf('imds', instance.role)
  return {
    protocol: 'imds',
    ask: ({ request, port }, { viewOf, held }) =>
      answerImds(request, { port, routes, tokens, instance, view: () => viewOf(session), held }, now()),
  }
}
