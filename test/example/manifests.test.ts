import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig as readAppConfig } from '../../examples/web-login/src/config.ts'
import { admit } from '../../src/injection/index.ts'
import { readConfig } from '../../src/settings/index.ts'
import { ownPrefix } from './world.ts'

const FOLDER = 'examples/web-login'
const textOf = (path: string): string => readFileSync(`${FOLDER}/${path}`, 'utf8')

// biome-ignore lint/suspicious/noExplicitAny: YAML
type Manifest = { readonly kind: string; readonly metadata: any; readonly [field: string]: any }

const manifests = parseAllDocuments(textOf('manifests/web-login.yaml')).map((document) => document.toJS() as Manifest)
const only = (kind: string): Manifest => {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind)
  if (found === undefined || more.length > 0) throw new Error(`there is not one ${kind}`)
  return found
}

const deployment = only('Deployment')
const { config } = parse(textOf('operator/values.yaml'))
const own = { tls: { certFile: '/tls.crt', keyFile: '/tls.key' }, sidecar: { image: 'lanyard:test' } }
const read = readConfig('webhook', { file: { ...own, aws: { region: 'eu-west-1' }, ...config } })

test("the operator's values are what the webhook takes, and hold each user to their own prefix", () => {
  expect(read.problems).toEqual([])
  const { bucket } = JSON.parse(only('ConfigMap')['data']['config.json'])
  expect(JSON.parse(config.userRoles.files.sessionPolicy)).toEqual(ownPrefix(bucket))
})

test("the app's configuration fits the operator's, and the app takes it with what Lanyard injects", () => {
  const { template } = deployment['spec']
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-login-0', ...template.metadata },
    spec: template.spec,
  }
  const { namespace } = only('Namespace').metadata.name === 'filebox' ? { namespace: 'filebox' } : { namespace: '' }
  const outcome = admit(pod, {
    namespace,
    config: read.values as Parameters<typeof admit>[1]['config'],
    version: '0.0.0',
  })
  expect(outcome).toMatchObject({ kind: 'inject', warnings: [] })
  const patch = JSON.stringify(outcome)
  const variable = (name: string): string =>
    new RegExp(`"name":"${name}","value":"([^"]+)"`).exec(patch)?.[1] ?? `no ${name}`
  const [container] = template.spec.containers
  const env = {
    ...Object.fromEntries(container.env.map(({ name, value }: { name: string; value: string }) => [name, value])),
    AWS_REGION: variable('AWS_REGION'),
    LANYARD_USER_CREDENTIALS_URL: variable('LANYARD_USER_CREDENTIALS_URL'),
    LANYARD_USER_CREDENTIALS_TOKEN_FILE: variable('LANYARD_USER_CREDENTIALS_TOKEN_FILE'),
  }
  const files: Readonly<Record<string, string>> = {
    '/etc/web-login/config.json': only('ConfigMap')['data']['config.json'],
    '/etc/web-login-secrets/google': 'a secret\n',
  }
  const app = readAppConfig(env, (path) => files[path] ?? `${path} is not there`)
  expect(app.region).toBe('eu-west-1')
  expect(app.credentials.url.href).toBe('http://127.0.0.1:9799/v1/user-credentials')
  const role = config.userRoles[app.role]
  expect(role.namespaces).toContain(namespace)
  for (const { name, clientId, issuer } of app.providers) {
    expect(role.providers).toContain(name)
    expect(config.userProviders[name].clientIds).toContain(clientId)
    const { kind, issuer: declared } = config.userProviders[name]
    expect(issuer.href.replace(/\/$/, '')).toBe(kind === 'google' ? 'https://accounts.google.com' : declared)
  }
})

test("the role trusts these providers' users of this app alone", () => {
  const { Statement } = JSON.parse(textOf('operator/trust-policy.json'))
  const { google, company } = config.userProviders
  const conditions = Statement.map(({ Condition }: { Condition: object }) => Condition)
  expect(conditions).toEqual([
    { StringEquals: { 'accounts.google.com:aud': google.clientIds[0] } },
    { StringEquals: { [`${company.issuer.replace('https://', '')}:aud`]: company.clientIds[0] } },
  ])
})

test('the versions are exact, and those that the tests of this repository have run with', () => {
  const { dependencies } = JSON.parse(textOf('package.json'))
  const lock = JSON.parse(textOf('package-lock.json')).packages
  for (const [name, version] of Object.entries(dependencies)) {
    const installed = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version
    expect([name, version, lock[`node_modules/${name}`].version]).toEqual([name, installed, installed])
  }
})

test('what is wrong with the configuration is said when the app starts', () => {
  const env = { LANYARD_USER_CREDENTIALS_URL: 'http://127.0.0.1:9799/', LANYARD_USER_CREDENTIALS_TOKEN_FILE: '/token' }
  const provider = { name: 'north', title: 'North', issuer: 'https://north.example', clientId: 'x' }
  const good = { role: 'files', bucket: 'b', region: 'eu-west-1', providers: [provider] }
  const start = (file: object, more = {}) => readAppConfig({ ...env, ...more }, () => JSON.stringify(file))
  expect(start(good)).toMatchObject({ port: 8080, host: '0.0.0.0', pathStyle: false })
  const wrong = (change: object) => () => start({ ...good, providers: [{ ...provider, ...change }] })
  expect(wrong({ issuer: 'http://north.example' })).toThrow('issuer is not https')
  expect(wrong({ issuer: 'north' })).toThrow('issuer is no URL')
  expect(wrong({ name: 'North' })).toThrow('name is no name of small letters')
  expect(wrong({ clientId: '' })).toThrow('providers[0]: clientId is missing')
  expect(() => start({ ...good, providers: [] })).toThrow('providers is no list, or an empty one')
  expect(() => start({ ...good, bucket: 1 })).toThrow('bucket is missing')
  expect(() => start({ ...good, region: undefined })).toThrow('there is no AWS_REGION either')
  expect(() => start(good, { PORT: 'x' })).toThrow('PORT is no port')
  expect(() => start(good, { LANYARD_USER_CREDENTIALS_URL: '' })).toThrow('lanyard.dev/user-credentials')
  expect(() => readAppConfig(env, () => '{')).toThrow('/etc/web-login/config.json: ')
})
