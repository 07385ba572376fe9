import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readTestbedConfig } from '../../../cmd/testbed/config.ts'
import { admit } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { fencedIn, isThere, textOf } from './pages.ts'

const FOLDER = 'docs/examples/kind'
const MARK = '<!-- quick start: run by test/e2e -->'
const [start, ...others] = fencedIn('README.md').filter(({ before }) => before.endsWith(MARK))
const commands = start?.body ?? ''

// biome-ignore lint/suspicious/noExplicitAny: YAML
type Manifest = { readonly kind: string; readonly metadata: any; readonly [field: string]: any }

const manifestsOf = (name: string): readonly Manifest[] =>
  parseAllDocuments(textOf(`${FOLDER}/${name}`)).map((document) => document.toJS() as Manifest)

function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind)
  if (found === undefined || more.length > 0) throw new Error(`there is not one ${kind}`)
  return found
}

const sts = manifestsOf('sts.yaml')
const app = manifestsOf('pod.yaml')
const values = parse(textOf(`${FOLDER}/values.yaml`))
const pod = only(app, 'Pod')
const [container] = pod['spec'].containers
const account = readTestbedConfig(parse(only(sts, 'ConfigMap')['data']['config.yaml']))

test('there is one quick start, and every file of it is there', () => {
  expect(others).toEqual([])
  expect(start?.language).toBe('sh')
  const named = [...commands.matchAll(/docs\/examples\/\S+/g)].map(([path]) => path)
  expect(named.toSorted()).toEqual(['pod.yaml', 'sts.yaml', 'values.yaml'].map((name) => `${FOLDER}/${name}`))
  expect(named.filter((path) => !isThere(path))).toEqual([])
})

test('the pod is injected by what the values say', () => {
  const { image, config } = values
  const own = {
    'sidecar.image': `${image.repository}:${image.tag}`,
    'tls.namespace': 'lanyard-system',
    'aws.stsCaFile': '/etc/lanyard/sts/ca.crt',
  }
  const read = readConfig('webhook', { file: { ...config, ...own } })
  expect(read.problems).toEqual([])
  const outcome = admit(pod, {
    namespace: pod.metadata.namespace,
    config: read.values as Parameters<typeof admit>[1]['config'],
    version: '0.0.0',
    stsCa: 'PEM',
  })
  const role = 'arn:aws:iam::111122223333:role/web'
  expect(outcome).toMatchObject({ kind: 'inject', warnings: [], audit: { roles: JSON.stringify({ app: role }) } })
  const written = JSON.stringify(outcome)
  for (const text of ['"image":"lanyard:dev"', config.aws.stsEndpoint, `"value":"${config.aws.region}"`])
    expect(written).toContain(text)
})

test('the STS trusts that pod, and answers by the name that it and the sidecar call', () => {
  const { namespace, annotations } = pod.metadata
  const [role] = account.roles
  expect(annotations['lanyard.dev/role-arn']).toBe(`arn:aws:iam::${account.accountId}:role/${role?.name}`)
  expect(role?.trust).toMatchObject([{ namespace, serviceAccount: pod['spec'].serviceAccountName }])
  const { name, namespace: where } = only(sts, 'Service').metadata
  const host = `${name}.${where}.svc`
  expect(account.identity).toMatchObject({ hosts: expect.arrayContaining([host]) })
  expect(values.config.aws.stsEndpoint).toBe(`https://${host}`)
  expect(container.env).toContainEqual({ name: 'AWS_ENDPOINT_URL_STS', value: `https://${host}` })
  expect(commands).toContain(`/api/v1/namespaces/${where}/services/http:${name}:control/proxy/ca.crt`)
})

test('the authority of the STS is where the chart and the app look for it', () => {
  const { name } = pod['spec'].volumes[0].configMap
  expect(values.stsCa.configMap).toBe(name)
  for (const namespace of ['lanyard-system', pod.metadata.namespace])
    expect(commands).toContain(`kubectl -n ${namespace} create configmap ${name} --from-literal=ca.crt="$ca"`)
  expect(container.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/sts/ca.crt' })
})

test('the images are those that are built and loaded, and the ARN is the one that is shown', () => {
  const images = [`${values.image.repository}:${values.image.tag}`, container.image]
  expect(only(sts, 'Deployment')['spec'].template.spec.containers[0].image).toBe(container.image)
  for (const image of images) expect(commands).toContain(`docker build -t ${image} `)
  expect(commands).toContain(`kind load docker-image ${images.join(' ')}\n`)
  const { name, namespace } = pod.metadata
  const session = `${namespace}.${pod['spec'].serviceAccountName}.${name}`
  expect(textOf('README.md')).toContain(`{"arn":"arn:aws:sts::${account.accountId}:assumed-role/web/${session}"`)
})
