import { type InjectionContext, serviceAccountOf } from '../../../src/injection/index.ts'
import { mutated, mutatedByEntries } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { podFixture, type Said, saidBeside } from '../../support/podFixtures.ts'
import { changed, containerOf, listAt, objectAt } from '../../support/tree.ts'
import { CONFIGURATIONS, type Configuration, configurationOf } from './configurations.ts'

export { CONFIGURATIONS, type Configuration, configurationOf } from './configurations.ts'

/** As the webhook has it; what is said beside the pod is of the namespace `shop`. */
export function contextOf(name: string, pod: Json = podFixture(name)): InjectionContext {
  return { ...contexts[configurationOf(name)], sources: sourcesOf(pod, saidBeside(name)) }
}

/** Read once, since there are hundreds of cases. */
const contexts = {
  usual: gen.context(CONFIGURATIONS.usual),
  regionless: gen.context(CONFIGURATIONS.regionless),
  required: gen.context(CONFIGURATIONS.required),
  federated: gen.context(CONFIGURATIONS.federated),
} as const satisfies Record<Configuration, InjectionContext>

const sourcesOf = (pod: Json, { serviceAccount, namespace }: Said): NonNullable<InjectionContext['sources']> => ({
  serviceAccount: { name: serviceAccountOf(pod), annotations: serviceAccount },
  namespace,
})

/** As the API server hands a pod over that has been through here before. */
const seenBefore = (pod: Json = gen.pod()): Json => defaulted(mutated(pod))
const annotationsOf = (pod: Json): Json => objectAt(pod, 'metadata', 'annotations')
/** The pod, seen before, with these fields of its sidecar changed by others. */
const withSidecar = (fields: (sidecar: Json) => Json): Json =>
  changed(seenBefore(), (pod) => {
    const sidecar = containerOf(pod, 'lanyard')
    Object.assign(sidecar, fields(sidecar))
  })
const annotated = (annotations: Readonly<Record<string, string>>, pod: Json = seenBefore()): Json =>
  changed(pod, (copy) => Object.assign(annotationsOf(copy), annotations))

const without = (annotation: string, pod: Json): Json =>
  changed(pod, (copy) => {
    delete annotationsOf(copy)[annotation]
  })
const DIRECT = { 'role-arn': OTHER_ROLE, mode: 'direct' }
const IMDS = { 'role-arn': OTHER_ROLE, protocol: 'imds' }

const USERS = { 'role-arn': ROLE, 'user-credentials': 'true' }
const federated = (pod: Json): Json => defaulted(mutated(pod, gen.context(CONFIGURATIONS.federated)))

/** Fixtures whose pods follow from our own output: written anew whenever fixtures are updated. */
export const derived: Readonly<Record<string, () => Json>> = {
  'already-injected': () => seenBefore(),
  'copied-with-another-role': () => annotated({ 'lanyard.dev/role-arn': OTHER_ROLE }),
  'copied-without-a-container': () => {
    const pod = gen.pod(undefined, { containers: [gen.container(), gen.container({ name: 'helper' })] })
    return annotated({ 'lanyard.dev/containers': 'app' }, seenBefore(pod))
  },
  'copied-with-another-port': () => annotated({ 'lanyard.dev/credentials-port': '19797' }),
  'copied-into-direct': () => annotated({ 'lanyard.dev/mode': 'direct' }),
  'copied-out-of-direct': () => without('lanyard.dev/mode', seenBefore(gen.pod(DIRECT))),
  'copied-into-imds': () => annotated({ 'lanyard.dev/protocol': 'imds' }),
  'copied-out-of-imds': () => without('lanyard.dev/protocol', seenBefore(gen.pod(IMDS))),
  'copied-into-imds-from-direct': () =>
    annotated({ 'lanyard.dev/protocol': 'imds' }, without('lanyard.dev/mode', seenBefore(gen.pod(DIRECT)))),
  'copied-into-direct-from-imds': () =>
    annotated({ 'lanyard.dev/mode': 'direct' }, without('lanyard.dev/protocol', seenBefore(gen.pod(IMDS)))),
  'imds-again': () => seenBefore(gen.pod(IMDS)),
  'imds-again-with-another-port': () =>
    annotated({ 'lanyard.dev/credentials-port': '19797' }, seenBefore(gen.pod(IMDS))),
  'direct-again': () => seenBefore(gen.pod(DIRECT)),
  'eks-again': () => defaulted(mutatedByEntries(podFixture('eks-init-containers'), contextOf('eks-init-containers'))),
  'rewritten-image': () => withSidecar(() => ({ image: 'mirror.example.com/ghcr/lanyard:0.1.0' })),
  'rewritten-image-not-accepted': () => withSidecar(() => ({ image: 'evil.example.com/ghcr/lanyard:0.1.0' })),
  'pulled-always': () => withSidecar(() => ({ imagePullPolicy: 'Always' })),
  'limit-range': () => withSidecar(() => ({ resources: { limits: { cpu: '2', memory: '1Gi' } } })),
  'autoscaled-resources': () => {
    const resources = { requests: { cpu: '11m', memory: '104857600' }, limits: { cpu: '1', memory: '209715200' } }
    return changed(
      withSidecar(() => ({ resources })),
      (pod) => Object.assign(containerOf(pod, 'app'), { resources: { requests: { cpu: '25m', memory: '262144k' } } }),
    )
  },
  'sidecar-of-another-version': () =>
    withSidecar(({ env }) => ({
      image: 'registry.example.com/lanyard:0.0.9',
      command: ['/nodejs/bin/node', '/app/older.cjs'],
      env: [...(env as Json[]), { name: 'LANYARD_OF_LATER', value: '1' }],
      livenessProbe: { exec: { command: ['true'] } },
    })),
  'container-added-later': () =>
    changed(seenBefore(), (pod) => listAt(pod, 'spec', 'containers').unshift(gen.container({ name: 'late' }))),
  'variable-added-later': () =>
    changed(seenBefore(), (pod) =>
      listAt(containerOf(pod, 'app'), 'env').unshift(
        { name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' },
        { name: 'OTEL_SERVICE_NAME', value: 'web' },
      ),
    ),
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
  'users-again': () => federated(gen.pod(USERS)),
  'copied-with-users': () => annotated({ 'lanyard.dev/user-credentials': 'true' }),
  'copied-without-users': () => without('lanyard.dev/user-credentials', federated(gen.pod(USERS))),
  'copied-with-users-forged': () =>
    changed(federated(gen.pod(USERS)), (pod) => {
      const broker = containerOf(pod, 'lanyard-broker')
      Object.assign(broker, {
        image: 'evil.example.com/broker:1',
        command: ['sh'],
        securityContext: { privileged: true },
      })
      listAt(broker, 'env').push({ name: 'NODE_OPTIONS', value: '--inspect' })
      listAt(broker, 'volumeMounts').push({ name: 'lanyard-identity', mountPath: '/identity' })
      const [url] = listAt(containerOf(pod, 'app'), 'env').filter(({ name }) => name === 'LANYARD_USER_CREDENTIALS_URL')
      Object.assign(url ?? {}, { value: 'http://127.0.0.1:1/' })
    }),
  'users-broker-first': () =>
    changed(federated(gen.pod(USERS)), (pod) => void listAt(pod, 'spec', 'initContainers').reverse()),
  'copied-with-another-provider': () =>
    annotated(
      { 'lanyard.dev/identity-provider': 'exchange' },
      federated(gen.pod({ 'role-arn': ROLE, 'identity-provider': 'campus' })),
    ),
  'pod-level-resources-counted': () =>
    seenBefore(gen.pod(undefined, { resources: { limits: { cpu: '1', memory: '1Gi' } } })),
}

const numbered = (count: number, of: (index: number) => Json): Json[] =>
  Array.from({ length: count }, (_, index) => of(index))

/** Pods too large for a file that somebody reads. */
export const made: Readonly<Record<string, () => Json>> = {
  'sixty-containers': () =>
    gen.pod(undefined, {
      initContainers: numbered(10, (index) => gen.container({ name: `init-${index}` })),
      containers: numbered(50, (index) => gen.container({ name: `app-${index}` })),
    }),
  'sixty-roles': () =>
    gen.pod(
      {
        'container-roles': numbered(60, (index) => ({ of: index }))
          .map(({ of }) => `app-${of}=${OTHER_ROLE}`)
          .join(' '),
      },
      { containers: numbered(60, (index) => gen.container({ name: `app-${index}` })) },
    ),
  'a-megabyte': () =>
    gen.pod(undefined, {
      containers: numbered(8, (index) =>
        gen.container({
          name: `app-${index}`,
          env: numbered(8, (of) => ({ name: `PART_${of}`, value: `${index}${of}`.padEnd(16_384, 'x') })),
        }),
      ),
    }),
}
