import type { Bench, Found, Ground } from './bench.ts'
import { startLoader } from './support/load.ts'
import { measureBurst, measureLarge } from './webhook/crowds.ts'
import { measureGrowth } from './webhook/growth.ts'
import { type Place, warmUp } from './webhook/place.ts'
import { measureReal } from './webhook/realCluster.ts'
import { explainSmall, measureReviews } from './webhook/reviews.ts'
import { startParser, startWebhook } from './webhook/servers.ts'
import { CLUSTERS, measureIdle, measureStarts } from './webhook/sources.ts'
import { startStandIn } from './webhook/standIn.ts'

export const BENCH: Bench = {
  name: 'webhook',
  about: 'reviews/s, latency, processor time and memory of the webhook, with few and many ServiceAccounts',
  run: (ground) => {
    const place = { ground, load: startLoader(ground.atEnd) }
    return ground.real === true ? measureReal(place) : measure(place)
  },
}

async function measure(place: Place): Promise<Found> {
  const { ground } = place
  const clusters = await startClusters(ground)
  const [few, , many] = clusters
  if (few === undefined || many === undefined) throw new Error('no cluster was started')

  ground.say(`starts with ${CLUSTERS.map(({ accounts }) => accounts).join(', ')} ServiceAccounts, in turns`)
  const starts = await measureStarts(place, clusters)
  ground.say('idling')
  const idle = await measureIdle(place, few, many)
  ground.say('150 reviews of 1 MB at fresh processes')
  const large = await measureLarge(place, few)

  const [ours, parser] = [await startWebhook(ground, { cluster: few }), await startParser(ground)]
  ground.say('warming up')
  await warmUp(place, [ours, parser])
  ground.say('reviews of 4 kB, 100 kB and 1 MB, beside a server that only parses')
  const reviews = await measureReviews(place, ours, parser)
  const small = await explainSmall(place, ours, parser)
  ground.say('1,000 reviews at once')
  const burst = await measureBurst(place, ours, parser)
  ground.say('larger pods, more containers, more connections')
  const curves = await measureGrowth(place, ours)
  const measurements = [...reviews, ...small, ...starts.measurements, ...idle, ...large, ...burst]
  return { measurements, curves: [...starts.curves, ...curves] }
}

async function startClusters({ folder, atEnd }: Ground) {
  const clusters = []
  for (const { accounts, annotated } of CLUSTERS)
    clusters.push(await startStandIn({ folder, name: `of-${accounts}`, accounts, annotated, atEnd }))
  return clusters
}
