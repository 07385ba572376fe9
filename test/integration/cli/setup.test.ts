import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createSts } from '../../../src/aws/index.ts'
import { parseIdentityToken, webIdentity } from '../../../src/federation/index.ts'
import { createCertificateAuthority, startIssuer, startSts } from '../../../src/testbed/index.ts'
import { finish, scratch } from '../../support/processes.ts'
import { discovery, ISSUER, jwks } from '../../unit/doctor/identity/ground.ts'

const ACCOUNT = '111122223333'
const setup = (...args: readonly string[]) => finish({ program: 'lanyard.ts', args: ['setup', ...args], env: {} })

/** The two documents of a cluster as files. */
function documents(issuer = ISSUER): readonly string[] {
  const folder = scratch()
  const [first, second] = [join(folder, 'discovery.json'), join(folder, 'jwks.json')]
  writeFileSync(first, discovery(issuer))
  writeFileSync(second, jwks('one'))
  return ['--discovery-file', first, '--jwks-file', second]
}

describe('setup issuer', () => {
  test('says which two addresses must answer', async () => {
    const { code, stdout, stderr } = await setup('issuer', ...documents())
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${ISSUER}/.well-known/openid-configuration\n${ISSUER}/openid/v1/jwks\n`,
    })
    expect(stderr).toContain('--out FOLDER')
  })

  test('writes the two files, again and again, and leaves what else is there', async () => {
    const out = join(scratch(), 'public')
    const file = join(out, 'clusters/shop/openid/v1/jwks')
    for (const _ of [1, 2]) expect((await setup('issuer', ...documents(), '--out', out)).code).toBe(0)
    expect(JSON.parse(readFileSync(file, 'utf8')).keys).toHaveLength(1)
    writeFileSync(file, 'my notes')
    const { code, stderr } = await setup('issuer', ...documents(), '--out', out)
    expect(code).toBe(1)
    expect(stderr).toContain(`FileUnwritable: ${file}: something else is there, which is left as it is.`)
    expect(readFileSync(file, 'utf8')).toBe('my notes')
  })

  test('judges the issuer, and still prints what there is', async () => {
    const { code, stdout, stderr } = await setup('issuer', ...documents('https://kubernetes.default.svc.cluster.local'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^FAIL {2}IssuerNotPublic\n/)
    expect(stdout).toContain('/openid/v1/jwks')
    const eks = await setup('issuer', ...documents('https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE'))
    expect(eks.stderr).toContain('This issuer is public already')
  })

  test('refuses what is no issuer at all, whatever the cluster says', async () => {
    for (const command of [['issuer', ...documents('https://oidc.example.com:8443/\u001b[31m')]]) {
      const { code, stdout, stderr } = await setup(...command)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('IssuerInvalid: https://oidc.example.com:8443/')
      expect(stderr).not.toContain('\u001b[31m')
    }
  })

  test('writes nothing for an issuer that AWS cannot reach, and prints nothing in vain', async () => {
    const out = join(scratch(), 'public')
    const { code, stderr } = await setup(
      'issuer',
      ...documents('https://kubernetes.default.svc.cluster.local'),
      '--out',
      out,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('Nothing is written')
    expect(existsSync(out)).toBe(false)
    const provider = await setup('provider', '--issuer', 'https://kubernetes.default.svc.cluster.local')
    expect(provider.code).toBe(1)
  })

  test('prints the flags of kube-apiserver without asking anybody', async () => {
    const { code, stdout } = await setup(
      'issuer',
      '--issuer',
      ISSUER,
      '--keep-issuer',
      'https://old.example.com',
      '--flags',
      'plain',
    )
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `--service-account-issuer=${ISSUER}\n--service-account-issuer=https://old.example.com\n--service-account-jwks-uri=${ISSUER}/openid/v1/jwks\n`,
    })
  })

  test('prints how they get into a bucket', async () => {
    const { code, stdout } = await setup(
      'issuer',
      ...documents(),
      '--output',
      'cloudformation',
      '--bucket',
      'shop-issuer',
      '--region',
      'eu-west-1',
    )
    expect(code).toBe(0)
    expect(parse(stdout).Resources.Issuer.Properties.BucketName).toBe('shop-issuer')
  })

  test.each<[readonly string[], readonly string[]]>([
    [
      ['--output', 'cli'],
      ['--bucket: it is missing', '--region: it is missing'],
    ],
    [
      ['--output', 'ansible', '--bucket', 'A', '--region', 'x'],
      ['"ansible" is not known', '--bucket: the value', '--region: the value'],
    ],
    [['--bucket', 'abc'], ['--bucket: it is for --output']],
    [
      ['--out', 'x', '--output', 'cli', '--bucket', 'abc', '--region', 'eu-west-1'],
      ['--out: --output is given as well'],
    ],
    [['--flags', 'kind'], ['--issuer: it is missing']],
    [
      ['--flags', 'rke', '--issuer', 'http://x'],
      ['"rke" is not known', '--issuer: the value is no issuer: it begins with http://'],
    ],
    [['--issuer', ISSUER], ['--issuer: it is for --flags alone']],
    [['--jwks-file', 'x'], ['--discovery-file: it is missing']],
    [['--discovery-file', 'x'], ['--jwks-file: it is missing']],
  ])('called wrongly: %j', async (args, problems) => {
    const { code, stdout, stderr } = await setup('issuer', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    for (const problem of problems) expect(stderr).toContain(problem)
  })

  test('without a cluster it says so', async () => {
    const { code, stderr } = await setup('issuer')
    expect(code).toBe(1)
    expect(stderr).toContain('ClusterConfigurationMissing')
    expect(await setup('issuer', '--discovery-file', 'gone', '--jwks-file', 'gone')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FileUnreadable'),
    })
  })
})

describe('setup provider', () => {
  test('of OIDC', async () => {
    const { code, stdout } = await setup(
      'provider',
      '--issuer',
      ISSUER,
      '--audience',
      'a',
      '--audience',
      'b',
      '--output',
      'json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ Url: ISSUER, ClientIDList: ['a', 'b'] })
  })

  test('of SAML', async () => {
    const file = join(scratch(), 'idp.xml')
    writeFileSync(file, '<EntityDescriptor/>')
    const saml = ['provider', '--provider', 'saml', '--name', 'corporate', '--saml-metadata', file]
    expect((await setup(...saml)).stdout).toBe(
      `aws iam create-saml-provider \\\n  --name corporate \\\n  --saml-metadata-document file://${file}\n`,
    )
    writeFileSync(file, 'no metadata')
    expect(await setup(...saml)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it has no EntityDescriptor'),
    })
  })

  test.each<[readonly string[], string]>([
    [['--provider', 'saml'], '--saml-metadata: it is missing'],
    [['--provider', 'saml', '--issuer', ISSUER], '--issuer: it is for OIDC'],
    [['--issuer', ISSUER, '--name', 'x'], '--name: it is for SAML'],
    [['--issuer', ISSUER, '--audience', 'a b'], '--audience: the value'],
    [['--issuer', ISSUER, '--output', 'pulumi'], 'It must be cli, json, terraform, cloudformation'],
  ])('called wrongly: %j', async (args, problem) => {
    expect(await setup('provider', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(problem),
    })
  })
})

const role = ['role', '--issuer', ISSUER, '--account', ACCOUNT, '--name', 'web']

describe('setup role', () => {
  test('for ServiceAccounts, with what they are annotated with', async () => {
    const { stdout } = await setup(
      ...role,
      '--for',
      'shop/web',
      '-n',
      'shop',
      '--service-account',
      'api',
      '--output',
      'policy',
    )
    expect(JSON.parse(stdout).Statement[0].Condition.StringEquals).toEqual({
      'oidc.example.com/clusters/shop:aud': 'sts.amazonaws.com',
      'oidc.example.com/clusters/shop:sub': ['system:serviceaccount:shop:web', 'system:serviceaccount:shop:api'],
    })
    const objects = await setup(
      ...role,
      '--for',
      'shop/web',
      '--audience',
      'vault',
      '--containers',
      'app',
      '--output',
      'kubernetes',
    )
    expect(parse(objects.stdout).metadata).toEqual({
      namespace: 'shop',
      name: 'web',
      annotations: {
        'lanyard.dev/role-arn': `arn:aws:iam::${ACCOUNT}:role/web`,
        'lanyard.dev/containers': 'app',
        'lanyard.dev/audience': 'vault',
      },
    })
    expect((await setup(...role, '--for', 'shop/web')).stderr).toContain('The role may do nothing yet')
  })

  test('for pods by an identity provider of the operator’s', async () => {
    const saml = await setup(
      ...role.slice(0, 1),
      ...role.slice(3),
      '--for',
      'shop/web',
      '--provider',
      'saml',
      '--saml-provider',
      'corporate',
      '--identity-provider',
      'directory',
      '--output',
      'policy',
    )
    expect(JSON.parse(saml.stdout).Statement[0].Principal.Federated).toBe(
      `arn:aws:iam::${ACCOUNT}:saml-provider/corporate`,
    )
    const oidc = await setup(
      ...role,
      '--for',
      'shop/web',
      '--identity-provider',
      'corporate',
      '--subject',
      'client-1',
      '--output',
      'policy',
    )
    expect(JSON.parse(oidc.stdout).Statement[0].Condition.StringEquals['oidc.example.com/clusters/shop:sub']).toBe(
      'client-1',
    )
  })

  test.each<[readonly string[], string]>([
    [[], '--for: nobody is named who may have the role'],
    [['--for', 'shop'], '--for: the value is "shop"'],
    [['--for', 'shop/web/x'], '--for: the value'],
    [['--namespace', 'shop'], '--service-account: it is missing'],
    [['--for', 'shop/web', '--subject', 'x'], '--subject: it is of tokens of another provider'],
    [['--for', 'shop/web', '--identity-provider', 'x', '--subject', '*'], '--subject: it has a wildcard'],
    [['--for', 'shop/web', '--identity-provider', 'x'], '--identity-provider: who is let in is not known'],
    [['--for', 'shop/web', '--provider', 'saml'], '--saml-provider: it is missing'],
    [['--for', 'shop/web', '--max-session', '13h'], '--max-session: the value'],
    [['--for', 'shop/web', '--policy-arns', 'x'], '--policy-arns: the value'],
  ])('called wrongly: %j', async (args, problem) => {
    expect(await setup(...role, ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(problem),
    })
  })
})

describe('setup lint', () => {
  const hole = { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] }

  test('of the standard input and of files, for people and for scripts', async () => {
    const { stdout: policy } = await setup(...role, '--for', 'shop/web', '--output', 'json')
    const args = ['setup', 'lint', '-', '--for', 'shop/web', '--issuer', ISSUER]
    const clean = await finish({ program: 'lanyard.ts', args, env: {}, input: policy })
    expect(clean).toMatchObject({ code: 0, stdout: 'ok    web\n' })
    const file = join(scratch(), 'role.json')
    writeFileSync(file, JSON.stringify(hole))
    const { code, stdout } = await setup('lint', file, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).policies[0].findings[0]).toMatchObject({ code: 'TrustPrincipalWide', verdict: 'fail' })
  })

  test('of a folder and of several files judges each', async () => {
    const folder = scratch()
    const { stdout: good } = await setup(...role, '--for', 'shop/web', '--output', 'json')
    writeFileSync(join(folder, 'a.json'), `\ufeff${good}`)
    writeFileSync(join(folder, 'b.json'), JSON.stringify(hole))
    for (const args of [[folder], [join(folder, 'a.json'), join(folder, 'b.json')]]) {
      const { code, stdout } = await setup('lint', ...args)
      expect({ code, stdout }).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^ok {4}web\n\n.*b\.json\nFAIL/),
      })
    }
  })

  test('of a file that is no policy judges the others all the same', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'a.json'), '{}')
    writeFileSync(join(folder, 'b.json'), JSON.stringify(hole))
    const { code, stdout, stderr } = await setup('lint', folder)
    expect(code).toBe(1)
    expect(stdout).toMatch(/b\.json\nFAIL/)
    expect(stderr).toContain('a.json: it is neither a policy')
  })

  test('of one page of several refuses to say that all is well', async () => {
    const file = join(scratch(), 'roles.json')
    writeFileSync(file, JSON.stringify({ Roles: [{ AssumeRolePolicyDocument: hole }], IsTruncated: true }))
    const { code, stderr } = await setup('lint', file)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('one page of several') })
  })

  test.each<[readonly string[], number, string]>([
    [[], 2, 'FILE: nothing says which policy to look at'],
    [['gone.json', '--audence', 'x'], 2, '--audence: it is not known here; did you mean'],
    [['gone.json', '--for', 'shop/web', '--for', 'shop/api'], 2, '--for: it is given more than once'],
    [['-', '--for', 'shop'], 2, '--for: the value is "shop"'],
    [
      [import.meta.filename, '--for', 'shop/web'],
      1,
      'Give --issuer URL, exactly as the tokens have it. Or: Set KUBECONFIG',
    ],
    [['gone.json'], 1, 'gone.json'],
  ])('called wrongly: %j', async (args, code, problem) => {
    expect(await setup('lint', ...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(problem) })
  })
})

test('what setup prints is what an STS takes: the ServiceAccount that is named gets in, another does not', async () => {
  const now = Date.now
  const ca = await createCertificateAuthority({ name: 'testbed', now })
  const issuer = await startIssuer({ ca, now })
  // Its address has a port, which IAM would not take: the texts are for the issuer's name, and STS is told of both.
  const texts = async (...args: readonly string[]): Promise<string> =>
    (await setup(...args, '--issuer', ISSUER)).stdout.replaceAll(
      'oidc.example.com/clusters/shop',
      issuer.url.replace('https://', ''),
    )
  const provider = JSON.parse(await texts('provider', '--output', 'json'))
  const policy = JSON.parse(
    await texts('role', '--account', ACCOUNT, '--name', 'web', '--for', 'shop/web', '--output', 'policy'),
  )
  const sts = await startSts({
    ca,
    now,
    accountId: ACCOUNT,
    providers: [{ url: provider.Url, clientIds: provider.ClientIDList, ca: ca.pem }],
    roles: [{ name: 'web', trustPolicy: policy }],
  })
  try {
    const client = createSts({
      region: 'eu-west-1',
      endpoint: sts.url,
      ca: ca.pem,
      connectTimeout: 5_000,
      totalTimeout: 5_000,
      now,
    })
    const exchange = async (serviceAccount: string) => {
      const raw = await issuer.serviceAccountToken({
        namespace: 'shop',
        serviceAccount,
        pod: 'web-0',
        audience: 'sts.amazonaws.com',
        expiresIn: 600,
      })
      const request = { roleArn: `arn:aws:iam::${ACCOUNT}:role/web`, roleSessionName: 'web', durationSeconds: 3_600 }
      return await webIdentity(
        async () => parseIdentityToken(raw, 'here'),
        client,
        request,
      )(new AbortController().signal)
    }
    expect((await exchange('web')).assumedRoleArn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/web/web`)
    await expect(exchange('api')).rejects.toMatchObject({ code: 'StsAccessDenied' })
  } finally {
    await sts.stop()
    await issuer.stop()
  }
})
