/** Why a pod has no sidecar, each made so on purpose. */
import { annotatedWith, at, type Case, runCommand, SLEEP, WHERE } from './doctorCases.ts'
import { apply, kubectl, podReady, waitFor } from './kubectl.ts'
import { roleArn } from './sts.ts'
import { pod, workload } from './workloads.ts'

export const silences: readonly Case[] = [
  {
    name: 'annotations on the Deployment and not on its pods',
    breaks: () => {
      const object = workload('Deployment', 'misplaced', WHERE, { role: undefined, script: SLEEP }) as {
        metadata: object
      }
      const annotations = { 'lanyard.dev/role-arn': roleArn('web') }
      return apply([{ ...object, metadata: { ...object.metadata, annotations } }])
    },
    target: at('deployment/misplaced'),
    code: 'AnnotationMisplaced',
    fix: /spec\.template\.metadata\.annotations of deployment\/misplaced/,
    mends: async () => {
      await kubectl(['delete', 'deployment', 'misplaced', '-n', WHERE])
      await apply([workload('Deployment', 'misplaced', WHERE, { script: SLEEP })])
    },
  },
  {
    name: 'a pod that opted out',
    breaks: () => apply([pod('out', WHERE, { ...annotatedWith({ 'lanyard.dev/inject': 'false' }), script: SLEEP })]),
    target: at('out'),
    code: 'OptedOut',
    fix: /Remove that annotation/,
    exit: 3,
    mends: async () => {
      await kubectl(['delete', 'pod', 'out', '-n', WHERE])
      await apply([pod('out', WHERE)])
      await podReady('out', WHERE)
    },
  },
  {
    name: 'a ServiceAccount that is annotated, in a namespace that does not ask for all pods',
    breaks: async () => {
      await apply([
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'silent', namespace: WHERE } },
        workload('Deployment', 'silent', WHERE, {
          role: undefined,
          script: SLEEP,
          spec: { serviceAccountName: 'silent' },
        }),
      ])
      await kubectl(['rollout', 'status', 'deployment/silent', '-n', WHERE, '--timeout=60s'])
      await kubectl(['annotate', 'serviceaccount', 'silent', '-n', WHERE, `lanyard.dev/role-arn=${roleArn('web')}`])
    },
    target: at('deployment/silent'),
    code: 'PodNotInjected',
    fix: /kubectl label namespace e2e-doctor lanyard\.dev\/injection=enabled/,
    mends: async (fix) => {
      await runCommand(fix)
      await kubectl(['rollout', 'restart', 'deployment/silent', '-n', WHERE])
      await kubectl(['rollout', 'status', 'deployment/silent', '-n', WHERE, '--timeout=60s'])
      await onlyOnePod('silent')
    },
  },
  {
    name: 'a pod that is older than its annotation',
    breaks: async () => {
      await kubectl(['label', 'namespace', WHERE, 'lanyard.dev/injection-'])
      await apply([workload('Deployment', 'older', WHERE, { role: undefined, script: SLEEP })])
      await kubectl(['rollout', 'status', 'deployment/older', '-n', WHERE, '--timeout=60s'])
      await kubectl(['label', 'namespace', WHERE, 'lanyard.dev/injection=enabled'])
      await kubectl(['annotate', 'serviceaccount', 'default', '-n', WHERE, `lanyard.dev/role-arn=${roleArn('web')}`])
    },
    target: at('deployment/older'),
    code: 'PodNotInjected',
    fix: /kubectl -n e2e-doctor rollout restart deployment\/older/,
    mends: async (fix) => {
      await runCommand(fix)
      await kubectl(['rollout', 'status', 'deployment/older', '-n', WHERE, '--timeout=60s'])
      await onlyOnePod('older')
    },
  },
]

const onlyOnePod = (app: string): Promise<unknown> =>
  waitFor(`one pod of ${app}`, async () => {
    const { items } = JSON.parse(await kubectl(['get', 'pods', '-n', WHERE, '-l', `app=${app}`, '-o', 'json']))
    return items.length === 1 ? true : undefined
  })
