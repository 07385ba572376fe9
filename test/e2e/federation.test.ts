import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APP, EXTERNAL_ID, LOGIN, OIDC, SAML, SAML_PROVIDER, USER } from './support/idps.ts'
import { apply, inside, type KubeObject, kubectl, podReady, said, tryApply } from './support/kubectl.ts'
import { ensureInstalled, sidecarMetrics } from './support/lanyard.ts'
import { authority, readSamlMetadata, roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, sidecarOf } from './support/workloads.ts'

const WHERE = 'e2e-federation'
const provider = (name: string): Readonly<Record<string, string>> => ({ 'lanyard.dev/identity-provider': name })

async function operatorsConfig(): Promise<object> {
  const [ca, metadata] = await Promise.all([authority(), readSamlMetadata()])
  const namespaces = [WHERE]
  return {
    identityProviders: {
      corporate: {
        kind: 'oidc-client-credentials',
        namespaces,
        issuer: OIDC,
        stsAudience: 'sts.amazonaws.com',
        resource: 'urn:sts',
        ca,
      },
      directory: {
        kind: 'saml',
        namespaces,
        source: 'ecp',
        principalArn: SAML_PROVIDER,
        endpoint: `${SAML}/ecp`,
        metadata,
        secretName: 'directory-login',
        ca,
      },
      elsewhere: { kind: 'oidc-client-credentials', namespaces: ['another'], issuer: OIDC, stsAudience: 'none', ca },
    },
    userProviders: {
      corporate: { kind: 'oidc', issuer: OIDC, clientIds: [APP.clientId], ca },
    },
    userRoles: {
      files: { kind: 'role', namespaces, providers: ['corporate'], roleArn: roleArn('users') },
    },
  }
}

beforeAll(async () => {
  await ensureInstalled({ config: await operatorsConfig() })
  await makeNamespace(WHERE)
  const metadata = { name: 'directory-login', namespace: WHERE }
  await apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: LOGIN }])
})
afterAll(async () => {
  await ensureInstalled()
  await dropNamespace(WHERE)
})

const identityIn = async (name: string): Promise<string> =>
  (await said(/READY/, name, WHERE)).split('\n')[0]?.replace(/^arn:aws:sts::\d+:/, '') ?? ''

const volumesOf = ({ spec }: KubeObject): readonly string[] =>
  spec['volumes'].map(({ name }: { readonly name: string }) => name)

describe('a pod whose service account is a client of an OAuth 2.0 server', () => {
  let running: KubeObject
  beforeAll(async () => {
    await apply([pod('oauth', WHERE, { role: 'federated', annotations: provider('corporate') })])
    running = await podReady('oauth', WHERE)
  })

  test('ends in the identity of an unmodified AWS CLI, with no secret anywhere', async () => {
    expect(await identityIn('oauth')).toBe(`assumed-role/federated/${WHERE}.default.oauth`)
    expect(volumesOf(running)).not.toContain('lanyard-provider')
  })

  test('shows its token to that server alone', () => {
    const { volumes } = running['spec'] as unknown as {
      readonly volumes: readonly {
        readonly name: string
        readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: { audience: string } }[] }
      }[]
    }
    const identity = volumes.find(({ name }) => name === 'lanyard-identity')
    expect(identity?.projected?.sources[0]?.serviceAccountToken?.audience).toBe(OIDC)
    expect(sidecarOf(running)?.['command']).toContain('/app/federated.cjs')
  })
})

describe('a pod whose identity is a SAML assertion', () => {
  test('ends in the identity of an unmodified AWS CLI, named by the assertion', async () => {
    await apply([pod('saml', WHERE, { role: 'assertions', annotations: provider('directory') })])
    const running = await podReady('saml', WHERE)
    expect(await identityIn('saml')).toBe(`assumed-role/assertions/${LOGIN.username}`)
    // The Secret is the sidecar's alone, and there is no token that nobody asks for.
    expect(volumesOf(running)).toContain('lanyard-provider')
    expect(volumesOf(running)).not.toContain('lanyard-identity')
  })
})

describe('a pod with a role behind its role', () => {
  test('ends in the identity of the last, by a session for each', async () => {
    const annotations = {
      'lanyard.dev/assume-role-arn': roleArn('partner'),
      'lanyard.dev/assume-role-external-id': EXTERNAL_ID,
      'lanyard.dev/assume-role-tags': 'team=shop',
      'lanyard.dev/source-identity': 'checkout',
    }
    await apply([pod('chain', WHERE, { annotations })])
    await podReady('chain', WHERE)
    expect(await identityIn('chain')).toBe(`assumed-role/partner/${WHERE}.default.chain`)
    const metrics = await sidecarMetrics(WHERE, 'chain')
    for (const [session, name] of Object.entries({ 'default/1': 'web', default: 'partner' })) {
      const labels = `session="${session}",role="${roleArn(name)}"`
      expect(metrics.get(`lanyard_credentials_expiration_timestamp_seconds{${labels}}`)).toBeGreaterThan(0)
    }
  })
})

/** What a browser and an app do: a login by authorization code with PKCE, its ID token to the broker, and an SDK with what comes back. */
const LOGS_IN = `
import base64, hashlib, json, os, secrets, ssl
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, HTTPSHandler, Request, build_opener, urlopen
import boto3
class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
trusted = ssl.create_default_context(cafile='/etc/sts/ca.crt')
browser = build_opener(HTTPSHandler(context=trusted), HTTPCookieProcessor(CookieJar()), Stay())
def browse(url, form=None):
    try:
        reply = browser.open(url, form and urlencode(form).encode())
    except HTTPError as error:
        reply = error
    location = reply.headers.get('Location')
    return (urljoin(url, location) if location else None), reply
verifier, nonce, redirect = secrets.token_urlsafe(32), secrets.token_urlsafe(16), '${APP.redirectUri}'
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip('=')
url = '${OIDC}/auth?' + urlencode({'client_id': '${APP.clientId}', 'redirect_uri': redirect, 'response_type': 'code', 'scope': 'openid', 'nonce': nonce, 'code_challenge': challenge, 'code_challenge_method': 'S256'})
form = None
while not url.startswith(redirect):
    location, _ = browse(url, form)
    form = None if location else {'username': '${USER.username}', 'password': '${USER.password}'}
    url = location or url
code = parse_qs(urlsplit(url).query)['code'][0]
grant = {'grant_type': 'authorization_code', 'code': code, 'code_verifier': verifier, 'redirect_uri': redirect, 'client_id': '${APP.clientId}'}
token = json.load(browse('${OIDC}/token', grant)[1])['id_token']
own = open(os.environ['LANYARD_USER_CREDENTIALS_TOKEN_FILE']).read()
def ask(token):
    body = json.dumps({'provider': 'corporate', 'role': 'files', 'token': token, 'nonce': nonce}).encode()
    headers = {'Authorization': own, 'Content-Type': 'application/json'}
    try:
        return 200, json.load(urlopen(Request(os.environ['LANYARD_USER_CREDENTIALS_URL'], body, headers)))
    except HTTPError as error:
        return error.code, json.load(error)
status, reply = ask(token)
keys = reply['credentials'] if status == 200 else exit(str(reply))
sts = boto3.client('sts', aws_access_key_id=keys['accessKeyId'], aws_secret_access_key=keys['secretAccessKey'], aws_session_token=keys['sessionToken'])
print('user', status, sts.get_caller_identity()['Arn'].rsplit(':', 1)[1])
head, claims, signature = token.split('.')
status, reply = ask('.'.join([head, claims, ('A' if signature[0] != 'A' else 'B') + signature[1:]]))
print('forged', status, reply['code'])
`

describe('a pod that asks for credentials of the users of its app', () => {
  beforeAll(async () => {
    await apply([pod('broker', WHERE, { annotations: { 'lanyard.dev/user-credentials': 'true' } })])
    await podReady('broker', WHERE)
  })

  test('gets them for the login of a user, and for a forged one does not', async () => {
    const printed = await kubectl(['exec', 'broker', ...inside(WHERE), '-c', 'app', '--', 'python3', '-c', LOGS_IN])
    const [user, forged] = printed.split('\n')
    expect(user).toMatch(/^user 200 assumed-role\/users\/u-[\w-]+$/)
    expect(forged).toBe('forged 401 UserTokenForged')
  })

  test('has its own identity beside them', async () => {
    expect(await identityIn('broker')).toBe(`assumed-role/web/${WHERE}.default.broker`)
  })
})

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ['an identity provider for others', provider('elsewhere'), /IdentityProviderNotAllowed/],
  ['one that does not exist', provider('corporat'), /IdentityProviderUnknown[\s\S]*corporate, directory/],
  [
    'a chained session of more than an hour',
    { 'lanyard.dev/assume-role-arn': roleArn('partner'), 'lanyard.dev/session-duration': '2h' },
    /ChainDurationTooLong/,
  ],
])('%s is denied in words', async (_what, annotations, words) => {
  const { code, stderr } = await tryApply([pod('denied', WHERE, { annotations })], '--dry-run=server')
  expect(code).toBe(1)
  expect(stderr).toMatch(words)
})
