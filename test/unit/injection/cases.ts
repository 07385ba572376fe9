import type { InjectionContext } from '../../../src/injection/index.ts'
import { mutated } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { gen, type Json, OTHER_ROLE } from '../../support/gen.ts'
import { changed, containerOf, listAt, objectAt } from '../../support/tree.ts'

/** What the operator has set, for the fixtures where it matters. */
const settings: Readonly<Record<string, Json>> = {
  'env-static-keys-warned': { 'env.staticKeys': 'warn' },
  'startup-probe': { 'sidecar.startGate': 'startupProbe' },
  'role-name': { 'aws.accountId': '444455556666', 'aws.partition': 'aws-eusc' },
  'china-without-region': { 'aws.region': null },
  'china-with-region': { 'aws.region': null },
  'china-with-wrong-region': { 'aws.region': null },
  'govcloud-without-region': { 'aws.region': null },
  'govcloud-with-region': { 'aws.region': 'us-gov-west-1' },
  'region-nowhere': { 'aws.region': null },
  'session-name-locked': { 'defaults.lockSessionName': true },
  'sts-endpoint-allowed': { 'aws.allowedStsEndpoints': ['https://sts.internal.example.com:8443/sts'] },
  'rewritten-image': { 'sidecar.acceptedImages': ['mirror.example.com/*/lanyard:*'] },
}

export const contextOf = (name: string): InjectionContext => gen.context(settings[name])

/** As the API server hands a pod over that has been through here before. */
const seenBefore = (pod: Json = gen.pod()): Json => defaulted(mutated(pod))
const annotationsOf = (pod: Json): Json => objectAt(pod, 'metadata', 'annotations')

/** Fixtures whose pods follow from our own output: written anew whenever fixtures are updated. */
export const derived: Readonly<Record<string, () => Json>> = {
  'already-injected': () => seenBefore(),
  'copied-with-another-role': () =>
    changed(seenBefore(), (pod) => Object.assign(annotationsOf(pod), { 'lanyard.dev/role-arn': OTHER_ROLE })),
  'copied-without-a-container': () => {
    const pod = gen.pod(undefined, { containers: [gen.container(), gen.container({ name: 'helper' })] })
    return changed(seenBefore(pod), (copy) => Object.assign(annotationsOf(copy), { 'lanyard.dev/containers': 'app' }))
  },
  'copied-with-another-port': () =>
    changed(seenBefore(), (pod) => Object.assign(annotationsOf(pod), { 'lanyard.dev/credentials-port': '19797' })),
  'rewritten-image': () =>
    changed(seenBefore(), (pod) =>
      Object.assign(containerOf(pod, 'lanyard'), { image: 'mirror.example.com/ghcr/lanyard:0.1.0' }),
    ),
  'rewritten-image-not-accepted': () =>
    changed(seenBefore(), (pod) =>
      Object.assign(containerOf(pod, 'lanyard'), { image: 'evil.example.com/ghcr/lanyard:0.1.0' }),
    ),
  'limit-range': () =>
    changed(seenBefore(), (pod) =>
      Object.assign(containerOf(pod, 'lanyard'), { resources: { limits: { cpu: '2', memory: '1Gi' } } }),
    ),
  'container-added-later': () =>
    changed(seenBefore(), (pod) => listAt(pod, 'spec', 'containers').unshift(gen.container({ name: 'late' }))),
  'init-container-added-before': () =>
    changed(seenBefore(gen.pod(undefined, { initContainers: [gen.container({ name: 'second' })] })), (pod) => {
      listAt(pod, 'spec', 'initContainers').unshift(gen.container({ name: 'first' }))
      const second = containerOf(pod, 'second')
      delete second['env']
      delete second['volumeMounts']
    }),
  'sidecar-moved': () => {
    const inits = [gen.container({ name: 'first' }), gen.container({ name: 'second' })]
    return changed(seenBefore(gen.pod(undefined, { initContainers: inits })), (pod) => {
      const [sidecar, first, second] = listAt(pod, 'spec', 'initContainers')
      delete second?.['env']
      delete second?.['volumeMounts']
      objectAt(pod, 'spec')['initContainers'] = [first, sidecar, second]
    })
  },
  'mesh-added-later': () =>
    changed(seenBefore(), (pod) =>
      listAt(pod, 'spec', 'initContainers').push(
        gen.container({ name: 'istio-validation' }),
        gen.container({ name: 'istio-proxy', restartPolicy: 'Always' }),
      ),
    ),
  'pod-level-resources-counted': () =>
    seenBefore(gen.pod(undefined, { resources: { limits: { cpu: '1', memory: '1Gi' } } })),
}
