import { backoff } from '../backoff.ts'
import { pause, startDeadline } from '../deadline.ts'
import { askOnce, failureIn } from '../exchange.ts'
import { invalidAnswer, outOfTime } from '../explain.ts'
import { failed, isUnreachable, type Outcome } from '../judge.ts'
import { type ObjectPlace, pathOf } from '../places.ts'
import type { Cluster, ClusterRequest, Milliseconds } from '../types.ts'
import { type Annotations, readMetadata } from './metadata.ts'
import { type SharedAsk, shareAsking } from './share.ts'

/** For all attempts: the API server gives a webhook 5 s. */
const budget: Milliseconds = 3_000
const attemptWithin: Milliseconds = 1_000
const between = { first: 100, cap: budget }

/** The annotations of an object as they are now; none where it is not there. */
export type AskLive = (place: ObjectPlace) => Promise<Annotations>

/** Asks the API server itself. What it gives back rejects with a Failure, after 3 s at most. */
export function createLive(cluster: Cluster): AskLive {
  const ask = shareAsking((request) => askOnce(cluster, request, cluster.closed, attemptWithin))
  return async (place) => {
    const request: ClusterRequest = {
      verb: 'get',
      title: place.title,
      path: pathOf(place),
      metadataOnly: true,
      keepConnection: true,
    }
    return annotationsIn(await persist(cluster, request, ask), request, place)
  }
}

/** Asks again what was not answered, as long as there is time. */
async function persist({ clock, random, closed }: Cluster, request: ClusterRequest, ask: SharedAsk): Promise<Outcome> {
  const ends = clock.uptime() + budget
  const deadline = startDeadline(clock, budget, closed)
  let last: Outcome = failed(outOfTime(request, budget))
  try {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await ask(request, deadline.signal)
      if (outcome === undefined) return last
      if (!isUnreachable(outcome)) return outcome
      const wait = backoff(between, attempt, random(), outcome.retryAfter)
      if (clock.uptime() + wait >= ends) return outcome
      last = outcome
      await pause(clock, wait, deadline.signal)
    }
  } finally {
    deadline.end()
  }
}

function annotationsIn(outcome: Outcome, request: ClusterRequest, { name }: ObjectPlace): Annotations {
  if (outcome.kind === 'answered') {
    const metadata = readMetadata(outcome.value)
    if (metadata?.name === name) return metadata.annotations
    throw invalidAnswer(request, 'the answer is another object, or none')
  }
  const failure = failureIn(outcome, request)
  if (failure.code === 'ClusterObjectMissing') return {}
  throw failure
}
