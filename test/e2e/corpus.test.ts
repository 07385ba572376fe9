import { createPatch } from 'rfc6902'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AdmissionOutcome } from '../../src/injection/types.ts'
import { answerOutcome } from '../../src/webhook/answer.ts'
import { admitByEntries, applied } from '../support/admitting.ts'
import { gen, type Json } from '../support/gen.ts'
import { podFixtures } from '../support/podFixtures.ts'
import { objectAt } from '../support/tree.ts'
import { CONFIGURATIONS, type Configuration, made } from '../unit/injection/cases.ts'
import { applySources, type Case, casesOf, normalized, OFFLINE, readContext, valuesOf } from './support/corpus.ts'
import { tryKubectl, waitFor } from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { apiServer, type Created, post, type Server } from './support/load.ts'

const configurations = Object.keys(CONFIGURATIONS) as Configuration[]
const all = configurations.flatMap(casesOf)
let server: Server

beforeAll(async () => {
  server = await apiServer()
  await applySources(all)
})
afterAll(async () => {
  server.agent.destroy()
  const names = new Set([OFFLINE, ...all.map(({ namespace }) => namespace)])
  await tryKubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...names])
})

const dryRun = (namespace: string, pod: Json): Promise<Created> => {
  const copy = structuredClone(pod)
  objectAt(copy, 'metadata')['namespace'] = namespace
  return post(server, `/api/v1/namespaces/${namespace}/pods?dryRun=All`, JSON.stringify(copy))
}

/** How the API server and the decision offline differ on a case; undefined where they do not. */
async function differenceOn(one: Case, outcome: AdmissionOutcome): Promise<unknown> {
  const live = await dryRun(one.namespace, one.pod)
  if (outcome.kind === 'deny') {
    const said = messageOf(live).replace(/admission webhook "\S+" denied the request: /, '')
    const { code, message } = answerOutcome('', outcome).response.status ?? {}
    return isSame(said, `${code} ${message}`) ? undefined : { live: said, offline: message }
  }
  const pod = outcome.kind === 'inject' ? applied(one.pod, outcome.patch) : one.pod
  const offline = await dryRun(OFFLINE, pod)
  if (live.status !== 201 || offline.status !== 201) return { live: messageOf(live), offline: messageOf(offline) }
  const changes = createPatch(normalized(offline.object as Json), normalized(live.object as Json))
  return changes.length === 0 ? undefined : changes
}

const messageOf = ({ status, object }: Created): string => `${status} ${object['message'] ?? 'taken'}`

/** The API server has its own order of annotations, and so have the problems with them. */
const isSame = (a: string, b: string): boolean => a.split('\n').sort().join('\n') === b.split('\n').sort().join('\n')

/** The API server learns of changed entries with a delay: it calls for what is wrong here, and not there. */
async function entriesKnown(): Promise<void> {
  const wrong = gen.pod({ regoin: 'eu-west-1' })
  await waitFor('the API server knows the entries', async () => {
    const [here, there] = [await dryRun(all[0]?.namespace ?? '', wrong), await dryRun(OFFLINE, wrong)]
    return here.status === 403 && there.status === 201 ? true : undefined
  })
}

test.each(configurations)('pods through the webhook are those that are mutated offline: %s', async (configuration) => {
  await ensureInstalled(valuesOf(configuration))
  await entriesKnown()
  const contextOf = await readContext()
  const differences: Record<string, unknown> = {}
  const cases = casesOf(configuration)
  for (const one of cases) {
    const difference = await differenceOn(one, admitByEntries(one.pod, contextOf(one)))
    if (difference !== undefined) differences[one.name] = difference
  }
  expect(differences).toEqual({})
  expect(cases.length).toBeGreaterThanOrEqual(5)
})

test('they are all of the fixtures, and more than sixty', () => {
  const files = podFixtures()
  expect(all).toHaveLength(files.length + Object.keys(made).length)
  expect(files.length).toBeGreaterThan(60)
})
