import { beforeAll, describe, expect, test } from 'vitest'
import { apply, get, kubectl, list, logs, podReady, rolledOut, said, tryKubectl, waitFor } from './support/kubectl.ts'
import { DEPLOYMENT, install, webhookPods } from './support/lanyard.ts'
import { NAMESPACE, RELEASE, told } from './support/settings.ts'
import { must } from './support/shell.ts'
import { cronJob, dropNamespace, job, makeNamespace, pod, WHO_AM_I, workload } from './support/workloads.ts'

const WHERE = 'e2e-install'
const arnOf = (podName: string): string => `arn:aws:sts::111122223333:assumed-role/web/${WHERE}.default.${podName}`

beforeAll(async () => {
  await makeNamespace(WHERE)
  const { code, stderr, stdout } = await install()
  expect(stderr + stdout, 'helm install').toSatisfy(() => code === 0)
  return () => dropNamespace(WHERE)
})

test('two replicas run, ready, and what helm prints tells what to do next', async () => {
  await rolledOut(DEPLOYMENT, NAMESPACE)
  expect(await webhookPods()).toHaveLength(2)
  expect(await must('helm', ['get', 'notes', RELEASE, '-n', NAMESPACE])).toContain('lanyard.dev/role-arn')
})

test('helm test passes', async () => {
  const text = await must('helm', ['test', RELEASE, '-n', NAMESPACE, '--timeout', '90s'], { timeout: 120_000 })
  expect(text).toMatch(/Phase:\s+Succeeded/)
})

test('the webhook runs as the product’s own user, with nothing that it does not need', async () => {
  const [first] = await webhookPods()
  const container = first?.['spec'].containers[0]
  expect(container.securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  })
  expect({ ...first?.['spec'].securityContext, ...container.securityContext }).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 29797,
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

describe('one annotation', () => {
  test('gives a Deployment’s app an ARN through the AWS CLI, and its init container has it too', async () => {
    await apply([workload('Deployment', 'web', WHERE, { initScript: WHO_AM_I, replicas: 2 })])
    await rolledOut('deployment/web', WHERE)
    for (const { metadata } of await list('pods', WHERE, 'app=web')) {
      expect((await logs(metadata.name, WHERE, 'init')).trim()).toBe(arnOf(metadata.name))
      expect(await said(/READY/, metadata.name, WHERE)).toBe(`${arnOf(metadata.name)}\nREADY\n`)
    }
  })

  test('gives boto3 an ARN', async () => {
    const script = `python3 -c "import boto3; print(boto3.client('sts', region_name='eu-west-1').get_caller_identity()['Arn'])"`
    await apply([pod('boto3', WHERE, { script, restartPolicy: 'Never' })])
    expect(await doneLogs('boto3')).toBe(arnOf('boto3'))
  })

  test('lets a Job complete, and leaves no sidecar running behind it', async () => {
    await apply([job('once', WHERE)])
    await kubectl(['wait', 'job/once', '-n', WHERE, '--for=condition=complete', '--timeout=60s'])
    const [own] = await list('pods', WHERE, 'job-name=once')
    expect(own?.['status'].phase).toBe('Succeeded')
    expect((await logs(own?.metadata.name ?? '', WHERE, 'app')).trim()).toBe(arnOf(own?.metadata.name ?? ''))
  })

  test('lets a CronJob’s Job complete', async () => {
    await apply([cronJob('often', WHERE)])
    await waitFor(
      'a job of the CronJob has succeeded',
      async () => ((await get('cronjob', 'often', WHERE))['status'].lastSuccessfulTime ? true : undefined),
      { seconds: 120, every: 1 },
    )
    await kubectl(['delete', 'cronjob', 'often', '-n', WHERE])
  })
})

test('a pod without the annotation is as its author wrote it', async () => {
  await apply([pod('plain', WHERE, { role: undefined, script: 'sleep infinity' })])
  const { spec } = await podReady('plain', WHERE)
  expect(spec.initContainers).toBeUndefined()
  expect(spec.containers[0].env.map(({ name }: { name: string }) => name)).not.toContain(
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  )
})

test('the image has no shell and no package manager, and its root cannot be written', async () => {
  const [pod] = await webhookPods()
  const exec = (...command: readonly string[]) =>
    tryKubectl(['exec', pod?.metadata.name ?? '', '-n', NAMESPACE, '--', ...command])
  for (const program of ['sh', 'bash', 'busybox', 'apt', 'dpkg', 'npm']) {
    const { code, stderr } = await exec(program, '--version')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/executable file not found|no such file/)
  }
  const { stderr } = await exec('/nodejs/bin/node', '-e', "require('node:fs').writeFileSync('/app/x', '')")
  expect(stderr).toContain('EROFS')
})

test('the image on the node is the one that was built', async () => {
  const { spec } = await get('deployment', 'lanyard-webhook', NAMESPACE)
  expect(spec.template.spec.containers[0].image).toBe(told().images.product)
})

async function doneLogs(name: string): Promise<string> {
  await kubectl(['wait', `pod/${name}`, '-n', WHERE, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s'])
  return (await logs(name, WHERE, 'app')).trim()
}
