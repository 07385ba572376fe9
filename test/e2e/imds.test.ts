import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, inside, type KubeObject, kubectl, podReady, said, tryApply } from './support/kubectl.ts'
import { ensureInstalled, sidecarMetrics } from './support/lanyard.ts'
import { roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, sidecarOf, WHO_AM_I } from './support/workloads.ts'

const WHERE = 'e2e-imds'
const IMDS = { 'lanyard.dev/protocol': 'imds' }
const ASKS_BOTO3 = `python3 -c "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"`

beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
})
afterAll(async () => {
  await ensureInstalled()
  await dropNamespace(WHERE)
})

const containerIn = ({ spec }: KubeObject, name: string): KubeObject =>
  [...spec['initContainers'], ...spec['containers']].find((container) => container.name === name)

/** The pod with a second container, `other`, that waits. */
function withOther(name: string, annotations: Readonly<Record<string, string>>): object {
  const written = pod(name, WHERE, { annotations: { ...IMDS, ...annotations } }) as { spec: { containers: object[] } }
  const [app] = written.spec.containers
  written.spec.containers.push({ ...app, name: 'other', command: ['sleep', 'infinity'] })
  return written
}

/** What IMDS answers to an unmodified Python in a container, a line for each question. */
const QUESTIONS = `
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen
base = sys.argv[1]
def ask(path, headers, method='GET'):
    try:
        with urlopen(Request(base + path, headers=headers, method=method)) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        return error.code, ''
role = '/latest/meta-data/iam/security-credentials/'
print('without', ask(role, {})[0])
status, token = ask('/latest/api/token', {'X-aws-ec2-metadata-token-ttl-seconds': '60'}, 'PUT')
print('token', status)
print('forged', ask(role, {'X-aws-ec2-metadata-token': token[:-1] + ('A' if token[-1] != 'A' else 'B')})[0])
print('role', *ask(role, {'X-aws-ec2-metadata-token': token}))
print('region', *ask('/latest/meta-data/placement/region', {'X-aws-ec2-metadata-token': token}))
print('container protocol', ask('/v1/credentials', {'X-aws-ec2-metadata-token': token})[0])
`
const asked = (name: string, container: string, base = 'http://127.0.0.1:9797'): Promise<string> =>
  kubectl(['exec', name, ...inside(WHERE), '-c', container, '--', 'python3', '-c', QUESTIONS, base])

describe('a pod that asks by IMDSv2', () => {
  let running: KubeObject
  beforeAll(async () => {
    const script = `${ASKS_BOTO3} && ${WHO_AM_I} && echo READY && exec sleep infinity`
    await apply([pod('imds', WHERE, { annotations: IMDS, initScript: ASKS_BOTO3, script })])
    running = await podReady('imds', WHERE)
  })

  test('has its identity in boto3 and in the AWS CLI, and so has its init container', async () => {
    const identity = `assumed-role/web/${WHERE}.default.imds`
    const text = await said(/READY/, 'imds', WHERE)
    expect(text.split('\n').map((line) => line.replace(/^arn:aws:sts::\d+:/, ''))).toEqual([
      identity,
      identity,
      'READY',
      '',
    ])
    expect(await said(/arn/, 'imds', WHERE, 'init')).toContain(identity)
  })

  test('finds nothing of the container protocol, and no file', () => {
    for (const name of ['app', 'init']) {
      const { env, volumeMounts } = containerIn(running, name) as KubeObject & { env: { name: string }[] }
      expect(env).toEqual(
        expect.arrayContaining([
          { name: 'AWS_EC2_METADATA_SERVICE_ENDPOINT', value: 'http://127.0.0.1:9797/' },
          { name: 'AWS_METADATA_ENDPOINT', value: 'http://127.0.0.1:9797' },
        ]),
      )
      expect(JSON.stringify(env)).not.toMatch(/AWS_CONTAINER_|AWS_EC2_METADATA_DISABLED/)
      expect(JSON.stringify(volumeMounts)).not.toContain('lanyard')
    }
    expect(sidecarOf(running)?.['env']).toContainEqual({ name: 'LANYARD_PROTOCOL', value: 'imds' })
  })

  test('is answered with a session token, and without one or with another is not', async () => {
    expect(await asked('imds', 'app')).toBe(
      [
        'without 401',
        'token 200',
        'forged 401',
        'role 200 web',
        'region 200 eu-west-1',
        'container protocol 404',
        '',
      ].join('\n'),
    )
  })

  test('is counted under its protocol', async () => {
    const metrics = await sidecarMetrics(WHERE, 'imds')
    expect(metrics.get('lanyard_endpoint_requests_total{protocol="imds",code="200"}')).toBeGreaterThan(0)
    expect(metrics.get('lanyard_endpoint_requests_total{protocol="imds",code="401"}')).toBeGreaterThan(0)
  })
})

describe('what IMDS cannot do is denied in words', () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'containers',
      { 'lanyard.dev/containers': 'app' },
      /ImdsSharedByPod: metadata\.annotations\[lanyard\.dev\/containers\]/,
    ],
    [
      'a role per container',
      { 'lanyard.dev/container-roles': `other=${roleArn('worker')}` },
      /ImdsSharedByPod[\s\S]*ImdsSeveralRoles: metadata\.annotations\[lanyard\.dev\/container-roles\]/,
    ],
    ['names of containers', { 'lanyard.dev/session-name': '{pod}.{container}' }, /IMDS cannot tell containers apart/],
    ['direct mode', { 'lanyard.dev/mode': 'direct' }, /DirectModeConflict/],
  ])('%s', async (_what, annotations, words) => {
    const { code, stderr } = await tryApply([withOther('denied', annotations)], '--dry-run=server')
    expect(code).toBe(1)
    expect(stderr).toMatch(words)
  })
})

test('where the operator lets pods share, a container that was not chosen has the role, as the warning says', async () => {
  await ensureInstalled({ config: { imds: { sharedByPod: true } } })
  const { code, stderr } = await tryApply([withOther('shared', { 'lanyard.dev/containers': 'app' })])
  expect(code).toBe(0)
  expect(stderr).toContain('every container of the pod can have the role')
  await podReady('shared', WHERE)
  expect(await asked('shared', 'other')).toContain('role 200 web\n')
})
