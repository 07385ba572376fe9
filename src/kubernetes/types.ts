import type { IncomingHttpHeaders } from 'node:http'

export type Milliseconds = number

/** Time, as it is handed in. */
export type Clock = {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Goes on evenly, whoever sets the clock. */
  readonly uptime: () => Milliseconds
  /** Calls once, soon if the instant has passed, and returns how to cancel. */
  readonly wakeAt: (at: number, fn: () => void) => () => void
}

/** RBAC's word for what is asked. */
export type Verb = 'get' | 'patch' | 'list' | 'watch' | 'create'

export type ClusterRequest = {
  readonly verb: Verb
  /** The object, as messages name it. */
  readonly title: string
  /** With its query. */
  readonly path: string
  /** A JSON Patch. */
  readonly patch?: string
  /** A new object as JSON: for what is not kept alone, such as reviews and dry runs, since it may be sent twice. */
  readonly object?: string
  /** What no message may quote, where the server sends it back. */
  readonly secrets?: readonly string[]
  /** Whatever text there is: logs, metrics, and a JWKS, of which there is no `application/json`. */
  readonly anyText?: boolean
  /** By the API server's proxy, so that the answer may be a pod's. */
  readonly isRelayed?: boolean
  /** Of each object its metadata is all that is asked for. */
  readonly metadataOnly?: boolean
  /** By a connection that may have served before, and may again. */
  readonly keepConnection?: boolean
}

/** The head of an answer; whoever has it reads the body or aborts the request. */
export type Reply = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Buffer>
  /** The request's own, and what it was authenticated by. */
  readonly secrets: readonly string[]
}

/** The way to one API server, and what the room is handed for it. */
export type Cluster = {
  /** One attempt, until the head of the answer is here. Rejects with whatever happened, which `explainThrown` reads. */
  readonly open: (request: ClusterRequest, signal: AbortSignal) => Promise<Reply>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Of the kubeconfig's context, where that names one. */
  readonly namespace?: string | undefined
  /** Aborts when the cluster is closed. */
  readonly closed: AbortSignal
  /** Gives up what is under way, watches too; nothing can be asked any more. */
  readonly close: () => void
}
