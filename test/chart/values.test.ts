import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { configSettings } from '../../scripts/chart/configBlock.ts'
import { given } from '../../scripts/chart/given.ts'
import { readValues } from '../../scripts/chart/values.ts'
import { readConfig, settingsOf } from '../../src/settings/index.ts'
import { CHART, template } from './helm.ts'
import { policySets, sets, type ValueSet } from './sets.ts'

const file = readFileSync(`${CHART}/values.yaml`, 'utf8')
const { values, sections } = readValues(file)
const known = values.map(({ key }) => key)

/** The keys of values.yaml that a set gives a value for. */
const keysIn = ({ values: tree }: ValueSet): readonly string[] =>
  known.filter((key) => valueAt(tree, key.split('.')) !== undefined)

const valueAt = (tree: unknown, [name = '', ...rest]: readonly string[]): unknown => {
  const inner = typeof tree === 'object' && tree !== null ? (tree as Record<string, unknown>)[name] : undefined
  return rest.length === 0 ? inner : valueAt(inner, rest)
}

/** The block with what is commented out there: a line, or the lines of a mapping. */
function uncommented(block: string): string {
  const names = settingsOf('webhook').flatMap(([key, setting]) =>
    setting.default === undefined ? [key.split('.').at(-1) ?? key] : [],
  )
  let inside = false
  const lines = block.split('\n').slice(1)
  return lines
    .map((line) => {
      const [, indent = '', text = ''] = /^( +)# (.*)$/.exec(line) ?? []
      const begins = names.some((name) => new RegExp(`^${name}:( \\S|$)`).test(text))
      inside = begins || (inside && text.startsWith(' '))
      return inside ? indent + text : line
    })
    .join('\n')
}

/** A copy of the set without one value. */
function without({ values: tree }: ValueSet, key: string): string {
  const copy = structuredClone(tree) as Record<string, unknown>
  const path = key.split('.')
  const leaf = path.pop() ?? ''
  const section = path.length === 0 ? copy : (valueAt(copy, path) as Record<string, unknown>)
  delete section[leaf]
  return stringify(copy, { version: '1.1' })
}

describe('every value', () => {
  test('has its comment, and there are many', () => {
    expect(values.filter(({ doc }) => !/^[A-Z].{8,}\.$/.test(doc)).map(({ key }) => key)).toEqual([])
    expect(known.length).toBeGreaterThan(70)
  })

  test('is in the README with what it does', () => {
    const readme = readFileSync(`${CHART}/README.md`, 'utf8').split('\n')
    const rows = [
      ...values.map(({ key, doc }) => ({ key, doc })),
      ...configSettings().map(([key, { doc }]) => ({ key: `config.${key}`, doc })),
    ]
    const missing = rows.filter(
      ({ key, doc }) => !readme.some((line) => line.startsWith(`| \`${key}\` |`) && line.includes(doc)),
    )
    expect(missing).toEqual([])
  })

  test('has another value in one of the sets', () => {
    expect(known.filter((key) => ![...sets, ...policySets].some((set) => keysIn(set).includes(key)))).toEqual([])
    const configured = sets.map(({ values: tree }) => tree as { config?: unknown })
    const untouched = configSettings().filter(([key]) =>
      configured.every(({ config }) => valueAt(config, key.split('.')) === undefined),
    )
    expect(untouched.map(([key]) => key)).toEqual([])
  })

  test.each(sets.flatMap((set) => keysIn(set).map((key) => ({ set, key, name: set.name }))))(
    '$key changes what is rendered ($name)',
    async ({ set, key }) => {
      const [whole, less] = await Promise.all([template(set.text), template(without(set, key))])
      expect(whole.stderr).toBe('')
      // Where the set cannot do without it, a template says so by its key.
      if (less.ok) expect(less.stdout).not.toBe(whole.stdout)
      else expect(less.stderr).toContain(key)
    },
  )
})

test('every value that a template reads is in values.yaml', () => {
  const names = readdirSync(`${CHART}/templates`, { recursive: true, encoding: 'utf8' })
  const texts = names
    .filter((name) => /\.\w+$/.test(name))
    .map((name) => readFileSync(`${CHART}/templates/${name}`, 'utf8'))
  const read = new Set(texts.flatMap((text) => [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, key]) => key ?? '')))
  const all = new Set([...known, ...sections.map(({ key }) => key), 'config', 'config.aws'])
  expect([...read].filter((key) => !all.has(key))).toEqual([])
  expect(read.size).toBeGreaterThan(40)
})

describe('the block of settings', () => {
  const { config } = parse(file) as { config: object }

  test('has the defaults of the code', () => {
    const { values: read } = readConfig('webhook', { file: config })
    expect(read).toEqual(readConfig('webhook', {}).values)
  })

  test('has those without a default as examples that are read', () => {
    const block = file.split('# BEGIN settings')[1] ?? ''
    const bared = parse(uncommented(block)) as { config: object }
    const { values: read, problems } = readConfig('webhook', {
      file: bared.config,
      env: { LANYARD_SIDECAR_IMAGE: 'a/b:1' },
    })
    expect(problems).toEqual([])
    expect(read['aws.accountId']).toBe('111122223333')
    const unset = configSettings().filter(([key]) => read[key as keyof typeof read] === undefined)
    expect(unset.map(([key]) => key)).toEqual([])
  })

  test('leaves out what the chart gives, and says what to set instead', async () => {
    for (const [key, instead] of Object.entries(given)) {
      const [section = '', leaf = ''] = key.split('.')
      const { ok, stderr } = await template(stringify({ config: { [section]: { [leaf]: 'x' } } }))
      expect(ok).toBe(false)
      expect(stderr).toContain(`config.${key} is the chart's own: set ${instead}`)
    }
  })
})

describe('wrong values are refused by key', () => {
  test.each([
    ['an unknown value', 'replica: 2', /'replica'/],
    ['an unknown value in a section', 'image: { tags: x }', /image.*'tags'/s],
    ['a text for a number', 'replicas: two', /replicas.*want integer|replicas.*Expected: integer/s],
    ['too few replicas', 'replicas: 0', /replicas/],
    ['a privileged port', 'ports: { webhook: 443 }', /ports.webhook|ports\/webhook/],
    ['no port', 'ports: { metrics: 65536 }', /ports.metrics|ports\/metrics/],
    ['an unknown mode', 'tls: { mode: magic }', /tls.mode|tls\/mode/],
    ['a repository in quotes', 'image: { repository: "a\'b" }', /image.repository|image\/repository/],
    ['a webhook that has less time than its questions', 'webhook: { timeoutSeconds: 3 }', /timeoutSeconds/],
    ['half a digest', 'image: { digest: "sha256:1234" }', /image.digest|image\/digest/],
    ['a slow webhook', 'webhook: { timeoutSeconds: 30 }', /webhook.timeoutSeconds|webhook\/timeoutSeconds/],
    ['a label that is no text', 'commonLabels: { a: true }', /commonLabels/],
    [
      'a duration without a unit',
      'tls: { certManager: { duration: "90" } }',
      /tls.certManager.duration|tls\/certManager\/duration/,
    ],
    ['an unknown setting', 'config: { aws: { regoin: eu-west-1 } }', /config.aws.*'regoin'/s],
    ['a wrong setting', 'config: { env: { staticKeys: allow } }', /config.env.staticKeys|config\/env\/staticKeys/],
    ['a setting out of bounds', 'config: { sidecar: { startGateSeconds: 1 } }', /startGateSeconds/],
    ['a flat key', 'config: { "aws.region": eu-west-1 }', /'aws.region'/],
    ['a region that is none', 'config: { aws: { region: nowhere } }', /\/config\/aws\/region.*does not match/s],
    ['an account as a number', 'config: { aws: { accountId: 11122223333 } }', /\/config\/aws\/accountId.*string/s],
    ['a duration without a unit', 'config: { webhook: { drain: 10 } }', /\/config\/webhook\/drain.*string/s],
    ['a section with everything commented out', 'config:', /'config'/],
    [
      'a kind that does not exist',
      'config: { identityProviders: { a: { kind: oidc, namespaces: [b] } } }',
      /identityProviders.a.kind|identityProviders\/a\/kind/,
    ],
    [
      'a field that does not exist',
      'config: { identityProviders: { a: { kind: file, namespaces: [b], issuer: "https://a.example", stsAudience: a, volum: c } } }',
      /identityProviders.a.*'volum'/s,
    ],
    [
      "another kind's field",
      'config: { identityProviders: { a: { kind: file, namespaces: [b], issuer: "https://a.example", stsAudience: a, scope: c } } }',
      /identityProviders.a.*'scope'/s,
    ],
    [
      'a field that is missing',
      'config: { userRoles: { a: { kind: role, namespaces: [b], providers: [c] } } }',
      /userRoles.a.*'roleArn'/s,
    ],
    [
      'a client ID as a number',
      'config: { userProviders: { a: { kind: google, clientIds: [1234567890] } } }',
      /userProviders.a.clientIds|userProviders\/a\/clientIds/,
    ],
    [
      'an issuer that is no URL',
      'config: { userProviders: { a: { kind: oidc, issuer: a, clientIds: [b] } } }',
      /issuer/,
    ],
    ['a misspelt selector', 'webhook: { namespaceSelector: { matchLabel: {} } }', /namespaceSelector.*'matchLabel'/s],
  ])('%s', async (_, text, message) => {
    const { ok, stderr } = await template(text)
    expect(ok).toBe(false)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('schema')
  })

  test.each([
    ['ports that are the same', 'ports: { webhook: 9798 }', 'ports.webhook and ports.metrics are the same'],
    ["kubelet's port", 'hostNetwork: true', "ports.webhook is 10250, which is kubelet's"],
    [
      "two webhooks on one node's port",
      'hostNetwork: true\nports: { webhook: 10260 }',
      "rollingUpdate.maxUnavailable is 0 on the host's network",
    ],
    [
      'less time to stop than the drain takes',
      'config: { webhook: { drain: 1m30s } }',
      'terminationGracePeriodSeconds is 30: preStopSeconds, config.webhook.drain and 11 s for reviews under way are 106',
    ],
    [
      'more replicas at least than at most',
      'autoscaling: { enabled: true, minReplicas: 9 }',
      'autoscaling.minReplicas is more',
    ],
    [
      'an STS endpoint that is said and chosen',
      'config: { aws: { stsEndpoint: "https://sts.example.com", dualStack: true } }',
      'config.aws.stsEndpoint is set, and so is config.aws.fips or config.aws.dualStack',
    ],
    ['no Secret', 'tls: { mode: existingSecret }', 'tls.existingSecret.name is needed'],
    [
      'nothing to trust',
      'tls: { mode: existingSecret, existingSecret: { name: a } }',
      'tls.existingSecret.caBundle is needed',
    ],
    ['no ServiceAccount', 'serviceAccount: { create: false }', 'serviceAccount.name is needed'],
    [
      'a variable for what the policies are made of',
      'extraEnv: [{ name: LANYARD_PERMISSION_MODE, value: required }]',
      'extraEnv has LANYARD_PERMISSION_MODE: set it under config',
    ],
    [
      "a variable for the guard's own",
      'extraEnv: [{ name: LANYARD_USER_ROLES, value: "{}" }]',
      'extraEnv has LANYARD_USER_ROLES: set it under config',
    ],
  ])('%s', async (_, text, message) => {
    const { ok, stderr } = await template(text)
    expect(ok).toBe(false)
    expect(stderr).toContain(message)
  })

  test('but an umbrella chart may have its own', async () => {
    expect((await template('{ global: { a: b }, enabled: true }')).ok).toBe(true)
  })
})
