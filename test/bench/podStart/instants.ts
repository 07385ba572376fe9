/** When what happened at a pod's start, by the container runtime's own stamps in the pod's logs. */

/** Milliseconds since 1970, with a fraction. */
export type Instant = number

/** One pod's start. `asked` and `answered` are by the clock of whoever creates it, the others by its node's. */
export type Start = {
  readonly asked: Instant
  readonly answered: Instant
  /** The app's first line. */
  readonly app: Instant
  /** Of the sidecar, where there is one. */
  readonly sidecar?: { readonly listening: Instant; readonly credentials: Instant }
}

const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) (.*)$/

/** Of a log with stamps (RFC 3339, nanoseconds), the first line that holds the text. Throws where there is none. */
export function instantOf(log: string, text = ''): Instant {
  for (const line of log.split('\n')) {
    const [, seconds, fraction = '0', zone = '', said = ''] = STAMPED.exec(line) ?? []
    if (seconds !== undefined && said.includes(text))
      return Date.parse(`${seconds}${zone}`) + Number(`0.${fraction}`) * 1_000
  }
  throw new Error(`the log has no line with "${text}": ${log.slice(0, 1_000)}`)
}

/** Seconds. What Lanyard adds to a start, and the parts that it is made of: they add up. */
export type Added = {
  readonly added: number
  /** The webhook's review: how much later the creation is answered. */
  readonly review: number
  /** From there until the sidecar listens, less what the app alone takes to its first line. */
  readonly listening: number
  /** From there until the sidecar has credentials. */
  readonly credentials: number
  /** From there to the app's first line: the gate ends, kubelet notices, the second container is made and started. */
  readonly app: number
}

/**
 * Two pods that were started one after the other. Each difference is between instants of one clock, or the same two
 * clocks are in both of its halves: how the node's clock stands to that of whoever asks does not matter. Throws where
 * the app was not held until there were credentials.
 */
export function addedBy(having: Start, without: Start): Added {
  const { sidecar } = having
  if (sidecar === undefined) throw new Error('the annotated pod has no sidecar')
  if (having.app < sidecar.credentials) throw new Error('the app was started before there were credentials')
  return {
    added: seconds(totalOf(having) - totalOf(without)),
    review: seconds(having.answered - having.asked - (without.answered - without.asked)),
    listening: seconds(sidecar.listening - having.answered - (without.app - without.answered)),
    credentials: seconds(sidecar.credentials - sidecar.listening),
    app: seconds(having.app - sidecar.credentials),
  }
}

const seconds = (milliseconds: number): number => milliseconds / 1_000
const totalOf = ({ asked, app }: Start): number => app - asked
/** Seconds from the creation to the app's first line. */
export const startTime = (start: Start): number => seconds(totalOf(start))
