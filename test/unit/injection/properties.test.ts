import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../../src/errors/index.ts'
import { admit, type InjectionContext, layout } from '../../../src/injection/index.ts'
import { admitByEntries, applied } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { arbitraryCase, arbitraryPod, CANARY, type Case, FEDERATION, garbage } from '../../support/arbitraryPods.ts'
import { gen, type Json } from '../../support/gen.ts'
import { changed, listAt, objectAt } from '../../support/tree.ts'

const context = gen.context({ 'compatibility.eks': true, 'imds.sharedByPod': true, ...FEDERATION })
const runs = { numRuns: 1_000 }
const clone = (pod: unknown): Json => JSON.parse(JSON.stringify(pod)) as Json
const within = ({ sources }: Case): InjectionContext => ({ ...context, sources })

/** The patched pod; undefined where the pod is not injected. */
function pass(pod: Json, of: InjectionContext): Json | undefined {
  const outcome = admitByEntries(pod, of)
  return outcome.kind === 'inject' ? applied(pod, outcome.patch) : undefined
}

/** What there is left to do to a pod that was injected. */
function leftFor(pod: Json, of: InjectionContext): unknown {
  const outcome = admitByEntries(pod, of)
  return outcome.kind === 'inject' ? outcome.patch : outcome
}

const ours = new Set<string>([...Object.values(layout.VOLUMES), 'aws-iam-token'])
const added = new Set([
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_STS_REGIONAL_ENDPOINTS',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_METADATA_ENDPOINT',
  ...layout.USER_VARIABLES,
])
const containersOfOurs = new Set<unknown>([layout.SIDECAR, layout.BROKER])

/** The pod without what may be ours, as text, so that the order of keys counts. A list that is empty then is as good as none. */
function withoutOurs(pod: Json): string {
  const copy = clone(pod)
  const metadata = objectAt(copy, 'metadata')
  const annotations = (metadata['annotations'] ?? {}) as Json
  delete annotations['lanyard.dev/status']
  if (Object.keys(annotations).length === 0) delete metadata['annotations']
  const spec = objectAt(copy, 'spec')
  delete spec['resources']
  takeOut(spec, 'volumes', ({ name }) => ours.has(String(name)))
  takeOut(spec, 'initContainers', ({ name }) => containersOfOurs.has(name))
  for (const container of [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')]) {
    takeOut(container, 'volumeMounts', ({ name }) => ours.has(String(name)))
    takeOut(container, 'env', ({ name }) => added.has(String(name)) || /^no_proxy$/i.test(String(name)))
  }
  return JSON.stringify(copy)
}

/** How many texts had which part. */
function count(parts: Record<string, number>, text: string): void {
  for (const part of Object.keys(parts)) parts[part] = (parts[part] ?? 0) + (text.includes(part) ? 1 : 0)
}

/** Where our containers stand. */
const pathsOfOurs = (pod: Json): readonly string[] =>
  listAt(pod, 'spec', 'initContainers').flatMap(({ name }, index) =>
    containersOfOurs.has(name) ? [`/spec/initContainers/${index}`] : [],
  )

/** Takes the list out of its place too (to a new one at the end) where nothing is left: whether it was there is no matter. */
function takeOut(of: Json, field: string, isOurs: (item: Json) => boolean): void {
  const rest = listAt(of, field).filter((item) => !isOurs(item))
  if (rest.length > 0) of[field] = rest
  else delete of[field]
}

describe('for any pod', { timeout: 120_000 }, () => {
  it('a second pass has nothing to do, nor has one over what the API server stored', () => {
    let injections = 0
    const parts = { '/app/broker.cjs': 0, LANYARD_PROVIDER_CONFIG: 0, LANYARD_ASSUME_ROLE_ARN: 0 }
    fc.assert(
      fc.property(arbitraryCase(), (of) => {
        const [pod, beside] = [clone(of.pod), within(of)]
        const once = pass(pod, beside)
        if (once === undefined) return
        injections += 1
        count(parts, JSON.stringify(once))
        expect(leftFor(once, beside)).toEqual([])
        const stored = pass(defaulted(pod), beside)
        if (stored !== undefined) expect(leftFor(defaulted(stored), beside)).toEqual([])
      }),
      runs,
    )
    expect(injections).toBeGreaterThan(500)
    for (const found of Object.values(parts)) expect(found).toBeGreaterThan(50)
  })

  it('a container that another webhook adds later is all that a further pass touches', () => {
    let passes = 0
    fc.assert(
      fc.property(arbitraryCase(), fc.boolean(), (of, isFirst) => {
        const beside = within(of)
        const once = pass(clone(of.pod), beside)
        if (once === undefined) return
        const late = gen.container({ name: 'late' })
        const extended = changed(once, (copy) => {
          const containers = listAt(copy, 'spec', 'containers')
          containers.splice(isFirst ? 0 : containers.length, 0, late)
        })
        const outcome = admitByEntries(extended, beside)
        if (outcome.kind !== 'inject') throw new Error('denied by a later container')
        passes += 1
        const index = isFirst ? 0 : listAt(extended, 'spec', 'containers').length - 1
        const allowed = [
          '/metadata/annotations/lanyard.dev~1status',
          `/spec/containers/${index}/env`,
          `/spec/containers/${index}/volumeMounts`,
          ...pathsOfOurs(once),
        ]
        for (const { path } of outcome.patch) expect(allowed).toContain(path)
        expect(leftFor(applied(extended, outcome.patch), beside)).toEqual([])
      }),
      runs,
    )
    expect(passes).toBeGreaterThan(500)
  })

  it('what is not ours stays as it is, byte by byte', () => {
    fc.assert(
      fc.property(arbitraryCase(), (of) => {
        const pod = clone(of.pod)
        const before = JSON.stringify(pod)
        const after = pass(pod, within(of))
        expect(JSON.stringify(pod)).toBe(before)
        if (after !== undefined) expect(withoutOurs(after)).toBe(withoutOurs(pod))
      }),
      runs,
    )
  })

  it('every variable of the app survives, in its order, but an empty one that was to be ours', () => {
    const isKept = ({ name, value, valueFrom }: Json): boolean =>
      !/^no_proxy$/i.test(String(name)) && (name !== 'AWS_ROLE_ARN' || Boolean(value ?? valueFrom))
    const variables = (pod: Json): readonly string[] =>
      [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')]
        .filter(({ name }) => !containersOfOurs.has(name))
        .map((container) => JSON.stringify(listAt(container, 'env').filter(isKept)))
    fc.assert(
      fc.property(arbitraryCase(), (of) => {
        const pod = clone(of.pod)
        const after = pass(pod, within(of))
        if (after === undefined) return
        for (const [index, text] of variables(pod).entries()) {
          expect(variables(after)[index]?.startsWith(text.slice(0, -1))).toBe(true)
        }
      }),
      runs,
    )
  })

  it('a denial or warning never repeats the value of a variable', () => {
    let denials = 0
    fc.assert(
      fc.property(arbitraryPod({ conflicts: true }), (raw) => {
        const outcome = admit(clone(raw), context)
        if (outcome.kind === 'deny') {
          denials += 1
          expect(outcome.problems.map(formatProblem).join()).not.toContain(CANARY)
        }
        expect(outcome.warnings.join()).not.toContain(CANARY)
      }),
      runs,
    )
    expect(denials).toBeGreaterThan(100)
  })

  it('garbage is answered, never thrown at; what is injected converges', () => {
    const kinds = { inject: 0, skip: 0, deny: 0 }
    fc.assert(
      fc.property(garbage(), (raw) => {
        const outcome = admit(raw, context)
        kinds[outcome.kind] += 1
        if (outcome.kind === 'inject') {
          const again = admit(applied(raw, outcome.patch), context)
          expect(again).toMatchObject({ patch: [] })
        }
        if (outcome.kind === 'deny') expect(outcome.problems.map(formatProblem).join()).not.toContain(CANARY)
      }),
      { numRuns: 3_000 },
    )
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(10)
  })
})
