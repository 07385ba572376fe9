import { describe, expect, it } from 'vitest'
import { mutated } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { at, changed, containerOf } from '../../support/tree.ts'

const USUAL = { requests: { cpu: '5m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } }
const exactly = (cpu: string, memory: string): Json => ({ requests: { cpu, memory }, limits: { cpu, memory } })

type Given = { annotations?: Record<string, string>; resources?: unknown; spec?: Json; settings?: Json }
function sidecarResources({ annotations = {}, resources, spec = {}, settings = {} }: Given): unknown {
  const containers = [gen.container(resources === undefined ? {} : { resources })]
  const pod = gen.pod({ 'role-arn': ROLE, ...annotations }, { containers, ...spec })
  return containerOf(mutated(pod, gen.context(settings)), 'lanyard')['resources']
}

describe("the sidecar's share", () => {
  it.each<[string, Given, unknown]>([
    ['nothing said', {}, USUAL],
    [
      "one of the operator's",
      { settings: { 'sidecar.resources.limits.memory': '256Mi' } },
      { ...USUAL, limits: { cpu: '1', memory: '256Mi' } },
    ],
    [
      'one annotated',
      { annotations: { 'sidecar-cpu-request': '10m' } },
      { ...USUAL, requests: { cpu: '10m', memory: '64Mi' } },
    ],
    [
      'a limit below the usual request',
      { annotations: { 'sidecar-memory-limit': '32Mi' } },
      { requests: { cpu: '5m', memory: '32Mi' }, limits: { cpu: '1', memory: '32Mi' } },
    ],
    [
      'a request above the usual limit',
      { annotations: { 'sidecar-memory-request': '256Mi', 'sidecar-cpu-request': '2' } },
      { requests: { cpu: '2', memory: '256Mi' }, limits: { cpu: '2', memory: '256Mi' } },
    ],
    ['Guaranteed', { resources: exactly('1', '1Gi') }, exactly('200m', '128Mi')],
    ['Guaranteed by limits alone', { resources: { limits: { cpu: 1, memory: '1Gi' } } }, exactly('200m', '128Mi')],
    [
      'Guaranteed in two spellings',
      { resources: { requests: { cpu: '.5', memory: '1Gi' }, limits: { cpu: '500m', memory: '1024Mi' } } },
      exactly('200m', '128Mi'),
    ],
    [
      'Guaranteed, annotated requests',
      {
        resources: exactly('1', '1Gi'),
        annotations: { 'sidecar-cpu-request': '50m', 'sidecar-memory-request': '1Gi' },
      },
      exactly('50m', '1Gi'),
    ],
    [
      'Guaranteed, annotated limits win',
      {
        resources: exactly('1', '1Gi'),
        annotations: { 'sidecar-cpu-request': '1m', 'sidecar-cpu-limit': '30m', 'sidecar-memory-limit': '90Mi' },
      },
      exactly('30m', '90Mi'),
    ],
    ['a limit of memory alone', { resources: { limits: { memory: '1Gi' } } }, USUAL],
    ['a request below its limit', { resources: { requests: { cpu: '1m' }, limits: { cpu: '1', memory: '1' } } }, USUAL],
    [
      'one container that is not Guaranteed',
      { spec: { containers: [gen.container({ resources: exactly('1', '1Gi') }), gen.container({ name: 'b' })] } },
      USUAL,
    ],
    [
      'an init container that is not Guaranteed',
      { resources: exactly('1', '1Gi'), spec: { initContainers: [gen.container({ name: 'i' })] } },
      USUAL,
    ],
    ['Guaranteed as a pod', { spec: { resources: exactly('1', '1Gi') } }, exactly('200m', '128Mi')],
    [
      'Guaranteed containers in a pod that is not',
      { resources: exactly('1', '1Gi'), spec: { resources: { requests: { cpu: '1' } } } },
      USUAL,
    ],
    ['empty resources of the pod', { spec: { resources: {} } }, USUAL],
  ])('%s', (_, given, expected) => {
    expect(sidecarResources(given)).toEqual(expected)
  })
})

describe("the pod's own resources", () => {
  const podResources = (resources: unknown): unknown =>
    at(mutated(gen.pod(undefined, { resources })), 'spec', 'resources')

  it('are raised by the share, in what they have', () => {
    expect(podResources({ limits: { memory: '1Gi' } })).toEqual({ limits: { memory: '1152Mi' } })
    expect(podResources({ requests: { cpu: 1 }, limits: null })).toEqual({ requests: { cpu: '1005m' }, limits: null })
    expect(podResources({ requests: { cpu: '.5' } })).toEqual({ requests: { cpu: '505m' } })
    const other = { claims: [{ name: 'gpu' }], requests: { 'hugepages-2Mi': '2Mi' } }
    expect(podResources(other)).toEqual(other)
  })

  it('are left alone where they are empty, or no quantity', () => {
    for (const resources of [{}, null, { requests: {}, limits: {} }]) expect(podResources(resources)).toEqual(resources)
    expect(podResources({ requests: { cpu: 'a lot' } })).toEqual({ requests: { cpu: 'a lot' } })
  })

  it('are raised once', () => {
    const once = mutated(gen.pod(undefined, { resources: exactly('1', '1Gi') }))
    expect(mutated(once)).toEqual(once)
    const stripped = changed(once, (pod) => {
      delete containerOf(pod, 'lanyard')['resources']
      Object.assign(pod['spec'] as Json, { resources: exactly('1', '1Gi') })
    })
    expect(mutated(stripped)).toEqual(once)
  })
})
