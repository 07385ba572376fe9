import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { run } from '../../e2e/support/shell.ts'
import { authority, canary, startApiServer } from '../kubernetes/apiServer.ts'
import { fencedIn } from './pages.ts'

const MARK = '<!-- run by test/integration/docs/selfHosted.test.ts -->'
const blocks = fencedIn('docs/operators/self-hosted.md').filter(({ before }) => before.endsWith(MARK))
const [flags, publish, provider, role, account, coming, ...others] = blocks.map(({ body }) => body)

const ISSUER = 'https://oidc.example.com/clusters/shop'
const SUBJECT = 'system:serviceaccount:shop:web'
const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lanyard-page-'))
const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** What the page runs beside Lanyard writes down what it was told. */
function putProgram(name: string, script: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

/** For Lanyard, which asks the API server, and for what stands for kubectl. */
function publishThere(
  server: Awaited<ReturnType<typeof startApiServer>>,
  path: string,
  document: Parameters<typeof server.put>[1],
): void {
  server.put(path, document)
  writeFileSync(join(folder, path.split('/').at(-1) ?? ''), JSON.stringify(document))
}

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'))
  putProgram('lanyard', `exec '${process.execPath}' '${root}cmd/lanyard.ts' "$@"`)
  putProgram('kind', `echo "$@" >> '${folder}/kind.said'`)
  const read = `cat "${folder}/$(basename "$3")"`
  putProgram('kubectl', `case "$1" in apply) cat > '${folder}/applied.yaml' ;; get) ${read} ;; esac`)
  const server = await startApiServer({ atEnd: (end) => void ends.push(end) })
  const { publicKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  publishThere(server, '/openid/v1/jwks', { keys: [key] })
  publishThere(server, '/.well-known/openid-configuration', {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  })
  const cluster = {
    server: `https://127.0.0.1:${server.port}`,
    'certificate-authority-data': Buffer.from(authority.pem).toString('base64'),
  }
  const kubeconfig = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: canary } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig))
})

/** The page's words in a shell, as somebody types them who has the cluster's kubeconfig. */
async function follow(block: string | undefined): Promise<string> {
  const { code, stdout, stderr } = await run('bash', ['-euo', 'pipefail', '-c', block ?? 'false'], {
    cwd: folder,
    env: { PATH: `${folder}/bin:${process.env['PATH']}`, KUBECONFIG: join(folder, 'kubeconfig') },
  })
  expect(code, `${block}\n${stdout}${stderr}`).toBe(0)
  return stdout
}
const written = (path: string): string => readFileSync(join(folder, path), 'utf8')

test('the page has as many commands as are run here', () => {
  expect(blocks).toHaveLength(6)
  expect(others).toEqual([])
})

test('1: a cluster is made by what is printed, with that issuer', async () => {
  await follow(flags)
  expect(written('kind.said')).toContain('create cluster --config kind.yaml')
  const [config] = parseAllDocuments(written('kind.yaml')).map((document) => document.toJS())
  expect(config).toMatchObject({ kind: 'Cluster' })
  expect(JSON.stringify(config)).toContain(ISSUER)
})

test('2: the two documents are where the page says', async () => {
  await follow(publish)
  const { issuer, jwks_uri } = JSON.parse(written('site/clusters/shop/.well-known/openid-configuration'))
  expect([issuer, jwks_uri]).toEqual([ISSUER, `${ISSUER}/openid/v1/jwks`])
  expect(JSON.parse(written('site/clusters/shop/openid/v1/jwks')).keys).toMatchObject([{ kid: 'one' }])
})

test('3: the provider is one command of the AWS CLI', async () => {
  const printed = await follow(provider)
  expect(printed).toContain('create-open-id-connect-provider')
  expect(printed).toContain(ISSUER)
  expect(printed).not.toContain('thumbprint')
})

test('4: the role lets that service account in', async () => {
  const printed = await follow(role)
  expect(printed).toContain('create-role')
  for (const text of [SUBJECT, 'oidc.example.com/clusters/shop:sub', 'oidc.example.com/clusters/shop:aud'])
    expect(printed).toContain(text)
})

test('6: the service account is annotated with that role', async () => {
  await follow(account)
  expect(existsSync(join(folder, 'applied.yaml'))).toBe(true)
  const objects = parseAllDocuments(written('applied.yaml')).map((document) => document.toJS())
  expect(objects).toContainEqual(
    expect.objectContaining({
      kind: 'ServiceAccount',
      metadata: expect.objectContaining({
        name: 'web',
        namespace: 'shop',
        annotations: expect.objectContaining({ 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web' }),
      }),
    }),
  )
})

test('an issuer to come: its documents with the keys of today, and the flags that keep the old one', async () => {
  const told = await follow(coming)
  const issuer = 'https://keys.example.com/shop'
  const document = JSON.parse(written('new-site/shop/.well-known/openid-configuration'))
  expect(document).toMatchObject({ issuer, jwks_uri: `${issuer}/openid/v1/jwks` })
  expect(written('new-site/shop/openid/v1/jwks')).toBe(written('site/clusters/shop/openid/v1/jwks'))
  const issuers = [...told.matchAll(/--service-account-issuer[= ]'?([^\s']+)/g)].map(([, url]) => url)
  expect(issuers).toEqual([issuer, ISSUER])
})
