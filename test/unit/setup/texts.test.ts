import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { PublicKey } from '../../../src/issuer/index.ts'
import {
  accountObjects,
  bucketTexts,
  flagsTexts,
  providerTexts,
  type Role,
  roleTexts,
  siteOf,
} from '../../../src/setup/index.ts'
import { command, inComment, inHcl, inYaml } from '../../../src/setup/quote.ts'
import { inShell } from '../../../src/terminal/shell.ts'

const ISSUER = 'https://oidc.example.com/clusters/shop'
const key: PublicKey = { kid: 'one', kty: 'RSA', alg: 'RS256', thumbprint: '{"e":"AQAB","kty":"RSA","n":"abc"}' }
const site = siteOf(ISSUER, [key])
const bucket = { name: 'shop-issuer', region: 'eu-west-1', partition: 'aws' }

const text = fc.string({ maxLength: 30 }).map((each) => each.replaceAll('\0', ''))
const hostile = [
  "'; rm -rf /; '",
  '$(id)',
  '`id`',
  '$\x7bfile("/etc/passwd")}',
  '%{ for x in y }',
  '\n- a: b',
  '"',
  '\\',
  '-n',
  '*',
]

describe('a text stays a text', () => {
  test('in a shell', () => {
    const words = hostile.filter((each) => each !== '')
    const echoed = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(inShell).join(' ')}`], { encoding: 'utf8' })
    expect(echoed.split('\0').slice(0, -1)).toEqual(words)
    fc.assert(
      fc.property(text, (each) => {
        const word = inShell(each)
        return /^[\w@%+=:,./-]+$/.test(word) || /^'([^']|'\\'')*'$/.test(word)
      }),
    )
  })

  test('in HCL: what JSON reads, and no template', () => {
    for (const each of hostile) expect(inHcl(each)).not.toMatch(/(?<![$%])[$%]\{/)
    fc.assert(fc.property(text, (each) => JSON.parse(inHcl(each).replace(/([$%])\1\{/g, '$1{')) === each))
    expect(inHcl('a$\x7bb}%{c}')).toBe('"a$$\x7bb}%%{c}"')
    expect(inHcl({ a: [1] }, '  ')).toBe('{\n    "a": [\n      1\n    ]\n  }')
  })

  test('in YAML, also of the older version that others read', () => {
    fc.assert(fc.property(text, (each) => parse(inYaml({ a: each })).a === each))
    fc.assert(fc.property(text, (each) => parse(inYaml({ a: each }), { version: '1.1' }).a === each))
    expect(inYaml({ a: '2012-10-17', b: 'yes' })).toBe('a: "2012-10-17"\nb: "yes"\n')
  })

  test('in a comment: on its line', () => {
    expect(inComment('a\nrm -rf /\u2028b')).toBe('a rm -rf / b')
  })

  test('commands go over lines', () => {
    expect(command('a', 'b', 'c')).toBe('a \\\n  b \\\n  c')
  })
})

describe('what must be public', () => {
  test('are two files at the issuer’s path', () => {
    expect(site.files.map(({ path }) => path)).toEqual([
      'clusters/shop/.well-known/openid-configuration',
      'clusters/shop/openid/v1/jwks',
    ])
    const [discovery, keys] = site.files.map((file) => JSON.parse(file.text))
    expect(discovery).toMatchObject({ issuer: ISSUER, jwks_uri: `${ISSUER}/openid/v1/jwks` })
    expect(keys).toEqual({ keys: [{ use: 'sig', kid: 'one', alg: 'RS256', e: 'AQAB', kty: 'RSA', n: 'abc' }] })
  })

  test.each([
    ['https://oidc.example.com', '.well-known/openid-configuration', 'https://oidc.example.com/openid/v1/jwks'],
    ['https://oidc.example.com/', '.well-known/openid-configuration', 'https://oidc.example.com/openid/v1/jwks'],
    ['https://oidc.example.com/a/', 'a/.well-known/openid-configuration', 'https://oidc.example.com/a/openid/v1/jwks'],
  ])('of %s', (issuer, path, jwksUri) => {
    const [discovery] = siteOf(issuer, [key]).files
    expect(discovery?.path).toBe(path)
    expect(JSON.parse(discovery?.text ?? '')).toMatchObject({ issuer, jwks_uri: jwksUri })
  })

  test('get into a bucket by a script that a shell can read', () => {
    const script = bucketTexts.cli(site, bucket)
    execFileSync('sh', ['-n'], { input: script })
    expect(script).toContain('# Let oidc.example.com serve this bucket')
    expect(script).toContain('--create-bucket-configuration LocationConstraint=eu-west-1')
    expect(bucketTexts.cli(site, { ...bucket, region: 'us-east-1' })).not.toContain('LocationConstraint')
    // The script itself, with an aws that only says how it was called.
    const said = execFileSync(
      'sh',
      ['-c', `aws() { printf '%s\\n' "$*"; case "$2" in head-bucket) return 1;; cp) cat;; esac; }\n${script}`],
      { encoding: 'utf8' },
    )
    for (const { path, text: content } of site.files) {
      expect(said).toContain(`s3 cp - s3://shop-issuer/${path} --content-type application/json`)
      expect(said).toContain(content)
    }
    const policy = JSON.parse(/--policy (\{.*\})/.exec(said)?.[1] ?? '')
    expect(policy.Statement[0]).toEqual({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: site.files.map(({ path }) => `arn:aws:s3:::shop-issuer/${path}`),
    })
  })

  test('leave the policy of a bucket alone that is there already', () => {
    const aws = `aws() { printf '%s\\n' "$*"; if [ "$2" = cp ]; then cat; fi; }`
    const said = execFileSync('sh', ['-c', `${aws}\n${bucketTexts.cli(site, bucket)}`], { encoding: 'utf8' })
    expect(said).toContain('s3 cp - s3://shop-issuer/clusters/shop/openid/v1/jwks')
    expect(said).not.toMatch(/create-bucket|put-bucket-policy|public-access-block/)
  })

  test('a bucket whose own host the issuer names needs nobody in front', () => {
    const own = siteOf('https://shop-issuer.s3.eu-west-1.amazonaws.com', [key])
    expect(bucketTexts.cli(own, bucket)).not.toContain('# Let')
    const shared = siteOf('https://s3.eu-west-1.amazonaws.com/shop-issuer/a', [key])
    const script = bucketTexts.cli(shared, bucket)
    expect(script).not.toContain('# Let')
    expect(script).toContain('s3://shop-issuer/a/openid/v1/jwks')
    expect(bucketTexts.cli(siteOf('https://other.s3.eu-west-1.amazonaws.com', [key]), bucket)).toContain('# Let')
  })

  test('in Terraform and CloudFormation', () => {
    expect(bucketTexts.terraform(site, bucket)).toMatchSnapshot()
    const template = bucketTexts.cloudformation(site, { ...bucket, partition: 'aws-cn' })
    expect(parse(template).Resources.IssuerPolicy.Properties.PolicyDocument.Statement[0].Resource[0]).toBe(
      'arn:aws-cn:s3:::shop-issuer/clusters/shop/.well-known/openid-configuration',
    )
    expect(template).toContain('#   aws s3 cp FOLDER/clusters/shop/openid/v1/jwks')
  })
})

describe('the flags of kube-apiserver', () => {
  const issuers = { issuer: ISSUER, others: ['https://kubernetes.default.svc.cluster.local'] }
  const args = [
    ['service-account-issuer', ISSUER],
    ['service-account-issuer', issuers.others[0]],
    ['service-account-jwks-uri', `${ISSUER}/openid/v1/jwks`],
  ]
  const pairs = (list: readonly { name: string; value: string }[]) => list.map(({ name, value }) => [name, value])

  test('as they are, and as each tool wants them', () => {
    expect(flagsTexts.plain(issuers)).toBe(args.map(([name, value]) => `--${name}=${value}\n`).join(''))
    expect(parse(flagsTexts.k3s(issuers))).toEqual({
      'kube-apiserver-arg': args.map(([name, value]) => `${name}=${value}`),
    })
    expect(pairs(parse(flagsTexts.kubeadm(issuers)).apiServer.extraArgs)).toEqual(args)
    const { kind, kubeadmConfigPatches } = parse(flagsTexts.kind(issuers))
    expect(kind).toBe('Cluster')
    expect(pairs(parse(kubeadmConfigPatches[0]).apiServer.extraArgs)).toEqual(args)
  })
})

describe('the provider', () => {
  test('of OIDC', () => {
    const texts = providerTexts({ kind: 'oidc', issuer: ISSUER, audiences: ['sts.amazonaws.com', 'b'] })
    expect(JSON.parse(texts.json)).toEqual({ Url: ISSUER, ClientIDList: ['sts.amazonaws.com', 'b'] })
    expect(texts.cli).toBe(
      `aws iam create-open-id-connect-provider \\\n  --url ${ISSUER} \\\n  --client-id-list sts.amazonaws.com b\n`,
    )
    expect(parse(texts.cloudformation).Resources.LanyardIssuer.Properties).toEqual({
      Url: ISSUER,
      ClientIdList: ['sts.amazonaws.com', 'b'],
    })
    expect(texts.terraform).toMatchSnapshot()
  })

  test('of SAML', () => {
    const metadata = '<EntityDescriptor a="$\x7bb}"/>'
    const texts = providerTexts({ kind: 'saml', name: 'corporate', metadata, metadataFile: 'my idp.xml' })
    expect(JSON.parse(texts.json)).toEqual({ Name: 'corporate', SAMLMetadataDocument: metadata })
    expect(texts.cli).toContain("--saml-metadata-document 'file://my idp.xml'")
    expect(parse(texts.cloudformation).Resources.LanyardSamlProvider.Properties.SamlMetadataDocument).toBe(metadata)
    expect(texts.terraform).toMatchSnapshot()
  })
})

describe('the role', () => {
  const role: Role = {
    name: 'web',
    partition: 'aws',
    account: '111122223333',
    trusted: {
      kind: 'oidc',
      provider: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/clusters/shop',
      audience: 'sts.amazonaws.com',
      subjects: ['system:serviceaccount:shop:web'],
    },
    maxSessionDuration: 7_200,
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  }

  test('is the same in every language', () => {
    const texts = roleTexts(role)
    const policy = JSON.parse(texts.policy)
    const body = JSON.parse(texts.json)
    expect(body).toMatchObject({ RoleName: 'web', MaxSessionDuration: 7_200 })
    expect(JSON.parse(body.AssumeRolePolicyDocument)).toEqual(policy)
    const said = execFileSync('sh', ['-c', `aws() { printf '%s\\0' "$@"; }\n${texts.cli}`], { encoding: 'utf8' }).split(
      '\0',
    )
    expect(JSON.parse(said[said.indexOf('--assume-role-policy-document') + 1] ?? '')).toEqual(policy)
    expect(said).toContain('arn:aws:iam::aws:policy/ReadOnlyAccess')
    const { AssumeRolePolicyDocument, ...rest } = parse(texts.cloudformation).Resources.LanyardRole.Properties
    expect(AssumeRolePolicyDocument).toEqual(policy)
    expect(rest).toEqual({ RoleName: 'web', MaxSessionDuration: 7_200, ManagedPolicyArns: role.policyArns })
    expect(texts.terraform).toMatchSnapshot()
    const bare = roleTexts({ ...role, policyArns: [] })
    expect(parse(bare.cloudformation).Resources.LanyardRole.Properties).not.toHaveProperty('ManagedPolicyArns')
    expect(bare.terraform).not.toContain('attachment')
  })

  test('nothing is attached to a role that is there already', () => {
    const aws = `aws() { printf '%s\\n' "$2"; [ "$2" != create-role ]; }`
    const { cli } = roleTexts(role)
    expect(() => execFileSync('sh', ['-c', `${aws}\n${cli}`], { encoding: 'utf8' })).toThrow()
    const said = execFileSync('sh', ['-c', `${aws}\n{ ${cli.trimEnd()}; } || true`], { encoding: 'utf8' })
    expect(said).toBe('create-role\n')
  })

  test('and the ServiceAccounts that have it, as kubectl takes them', () => {
    const accounts = [
      { namespace: 'shop', name: 'web' },
      { namespace: 'shop', name: 'api' },
    ]
    const objects = parseAllDocuments(accountObjects(role, accounts, { containers: 'app', sessionDuration: '2h' }))
    expect(objects.map((each) => each.toJS().metadata)).toEqual(
      accounts.map((account) => ({
        ...account,
        annotations: {
          'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web',
          'lanyard.dev/containers': 'app',
          'lanyard.dev/session-duration': '2h',
        },
      })),
    )
  })
})
