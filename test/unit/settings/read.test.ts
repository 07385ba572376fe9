import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { formatProblem } from '../../../src/errors/index.ts'
import {
  annotationOf,
  flagOf,
  nearest,
  podEntries,
  podSettings,
  processSettings,
  readConfig,
  readPodSettings,
  readPodVariables,
  type Sources,
  settingsOf,
  variableOf,
} from '../../../src/settings/index.ts'

const needed = { 'tls.certFile': '/c', 'tls.keyFile': '/k', 'sidecar.image': 'lanyard:1' }
const webhook = (sources: Sources = {}) =>
  readConfig('webhook', { ...sources, file: sources.file === undefined ? needed : sources.file })
const problemsOf = (sources: Sources) => webhook(sources).problems.map(({ code, field }) => `${code} ${field}`)
const yaml = (text: string): Sources => ({ file: { ...needed, ...(parse(text) as object) } })

describe('where a setting comes from', () => {
  const key = 'webhook.port'
  const [flags, env, file] = [{ 'webhook-port': '1001' }, { LANYARD_WEBHOOK_PORT: '1002' }, { ...needed, [key]: 1003 }]

  it.each([
    ['a flag over a variable over the file', { flags, env, file }, 1001],
    ['a flag over the file', { flags, file }, 1001],
    ['a variable over the file', { env, file }, 1002],
    ['the file over the default', { file }, 1003],
    ['the default', {}, 10_250],
    ['an absent flag and variable', { flags: { 'webhook-port': undefined }, env: { X: '1' }, file }, 1003],
    ['the file, whatever unknown variables are there', { env: { LANYARD_WEBHOOK_PORTS: '1' }, file }, 1003],
  ])('%s', (_, sources, value) => {
    const read = webhook(sources)
    expect(read.problems).toEqual([])
    expect(read.values[key]).toBe(value)
  })

  it('is named where its value is wrong, and the next source is no way out', () => {
    expect(problemsOf({ flags: { 'webhook-port': 'x' }, env, file })).toEqual(['SettingInvalid --webhook-port'])
    expect(problemsOf({ env: { LANYARD_WEBHOOK_PORT: '' }, file })).toEqual(['SettingInvalid LANYARD_WEBHOOK_PORT'])
    expect(problemsOf({ file: { ...needed, [key]: '0' } })).toEqual(['SettingInvalid webhook.port'])
  })

  it("is not a variable of kubelet's, for a Service of our name", () => {
    for (const scheme of ['tcp', 'udp', 'sctp']) {
      const link = `${scheme}://10.0.0.1:443`
      expect(webhook({ env: { LANYARD_WEBHOOK_PORT: link }, file })).toMatchObject({
        problems: [],
        values: { [key]: 1003 },
      })
    }
    expect(problemsOf({ env: { LANYARD_WEBHOOK_PORT: 'http://10.0.0.1:443' } })).toEqual([
      'SettingInvalid LANYARD_WEBHOOK_PORT',
    ])
    expect(problemsOf({ flags: { 'webhook-port': 'tcp://10.0.0.1:443' } })).toEqual(['SettingInvalid --webhook-port'])
  })

  it('may have white space around it', () => {
    expect(webhook({ env: { LANYARD_WEBHOOK_PORT: ' 80\n' } }).values[key]).toBe(80)
  })
})

describe('the spellings of a key', () => {
  it.each([
    ['tls.certFile', 'LANYARD_TLS_CERT_FILE', 'tls-cert-file'],
    ['aws.allowedStsEndpoints', 'LANYARD_AWS_ALLOWED_STS_ENDPOINTS', 'aws-allowed-sts-endpoints'],
    ['sidecar.resources.limits.cpu', 'LANYARD_SIDECAR_RESOURCES_LIMITS_CPU', 'sidecar-resources-limits-cpu'],
  ])('%s', (key, variable, flag) => {
    expect([variableOf(key), flagOf(key)]).toEqual([variable, flag])
  })

  it('are apart for every process, and from those of pod settings where it reads both', () => {
    for (const process of Object.keys(processSettings) as (keyof typeof processSettings)[]) {
      const keys = settingsOf(process).map(([key]) => key)
      const ofPods = process === 'broker' ? [] : podEntries.flatMap(([, { env }]) => env ?? [])
      const variables = [...keys.map(variableOf), ...ofPods]
      expect(new Set(variables).size).toBe(variables.length)
      expect(new Set(keys.map(flagOf)).size).toBe(keys.length)
    }
  })

  it("of the broker are the sidecar's only where they mean the same", () => {
    const ofPods = new Map(podEntries.flatMap(([, { env, kind }]) => (env === undefined ? [] : [[env, kind] as const])))
    const ofSidecar = new Map(settingsOf('sidecar').map(([key, { kind }]) => [variableOf(key), kind] as const))
    const shared = settingsOf('broker').flatMap(([key, { kind }]) => {
      const variable = variableOf(key)
      const other = ofSidecar.get(variable) ?? ofPods.get(variable)
      if (other === undefined) return []
      // One text means one value to both.
      for (const text of [other.example, kind.example])
        expect([variable, kind.parse(text)]).toEqual([variable, other.parse(text)])
      return [variable]
    })
    expect(shared.sort()).toEqual([
      'LANYARD_AWS_DUAL_STACK',
      'LANYARD_AWS_FIPS',
      'LANYARD_LOG_LEVEL',
      'LANYARD_OUTBOUND_NO_PROXY',
      'LANYARD_OUTBOUND_PROXY',
      'LANYARD_POD_NAMESPACE',
      'LANYARD_STS_CA',
      'LANYARD_STS_ENDPOINT',
      'LANYARD_TERMINATION_LOG',
    ])
  })

  it('leave no key that is a section of another', () => {
    for (const process of Object.keys(processSettings) as (keyof typeof processSettings)[]) {
      const keys = settingsOf(process).map(([key]) => key)
      for (const key of keys) expect(keys.filter((other) => other.startsWith(`${key}.`))).toEqual([])
    }
  })
})

describe('a configuration file', () => {
  it('is read in sections, numbers and booleans unquoted', () => {
    const read = webhook(yaml('webhook: {port: 9443}\ndefaults: {lockSessionName: true, sessionDuration: 2h}\n'))
    expect(read.problems).toEqual([])
    expect(read.values).toMatchObject({
      'webhook.port': 9443,
      'defaults.lockSessionName': true,
      'defaults.sessionDuration': 7200,
    })
  })

  it('takes lists as lists or as text', () => {
    const expected = ['a-*', 'b']
    for (const text of ['[a-*, b]', 'a-* b', '"a-*\\n b"']) {
      expect(webhook(yaml(`sidecar.meshContainers: ${text}`)).values['sidecar.meshContainers']).toEqual(expected)
    }
    expect(webhook(yaml('sidecar.meshContainers: []')).values['sidecar.meshContainers']).toEqual([])
    expect(webhook(yaml('aws.allowedStsEndpoints: []')).values['aws.allowedStsEndpoints']).toEqual([])
    expect(webhook().values['sidecar.acceptedImages']).toBeUndefined()
  })

  it('takes keys nested, flat and in between', () => {
    for (const text of ['aws: {region: eu-west-1}', 'aws.region: eu-west-1']) {
      const read = webhook(yaml(text))
      expect([read.problems, read.values['aws.region']]).toEqual([[], 'eu-west-1'])
    }
    expect(webhook(yaml('sidecar.resources: {limits.cpu: 2}')).values['sidecar.resources.limits.cpu']).toBe('2')
  })

  it('says how to write a wrong value with an example of that very setting', () => {
    const fixOf = (key: string): string | undefined => webhook({ file: { ...needed, [key]: '' } }).problems[0]?.fix
    expect(fixOf('webhook.metricsPort')).toBe('Write it like 9798')
    expect(fixOf('sidecar.uid')).toBe('Write it like 29797')
    expect(fixOf('tls.keyFile')).toBe('Write it like /etc/lanyard/tls/tls.key')
    const [problem] = readConfig('sidecar', { env: { LANYARD_TERMINATION_LOG: '' } }).problems.filter(
      ({ code }) => code === 'SettingInvalid',
    )
    expect(problem?.fix).toBe('Write it like /dev/termination-log')
  })

  it('takes a key or section without a value for none', () => {
    const read = webhook(yaml('aws:\nwebhook:\n  port:\nsidecar.resources:\n  limits:\n'))
    expect(read.problems).toEqual([])
    expect(read.values['webhook.port']).toBe(10_250)
    expect(readConfig('webhook', { file: null }).problems.map(({ code }) => code)).toEqual(['SettingMissing'])
  })

  it.each<[unknown, string]>([
    [{ aws: { regoin: 'x' } }, 'SettingUnknown: aws.regoin: there is no such setting; did you mean "aws.region"?'],
    [
      { sidecars: { image: 'x' } },
      'SettingUnknown: sidecars.image: there is no such setting; did you mean "sidecar.image"?',
    ],
    [{ 'something.else': 1 }, 'SettingUnknown: something.else: there is no such setting.'],
    [{ nothing: null }, 'SettingUnknown: nothing: there is no such setting.'],
    [{ aws: [] }, 'SettingInvalid: aws: it is a group of settings. Write aws.region, aws.accountId or aws.partition'],
    [
      { webhook: 10250 },
      'SettingInvalid: webhook: it is a group of settings. Write webhook.address, webhook.port or webhook.metricsPort',
    ],
    [{ tls: [1] }, 'SettingInvalid: tls: it is a group of settings. Write tls.certFile, tls.keyFile or tls.namespace'],
    [
      { 'sidecar.resources': { limits: '1' } },
      'SettingInvalid: sidecar.resources.limits: it is a group of settings. Write sidecar.resources.limits.cpu or sidecar.resources.limits.memory',
    ],
    [{ 'aws.region': { x: 1 } }, 'SettingInvalid: aws.region: the value is neither a text nor a list of texts.'],
    [{ 'aws.region': [['x']] }, 'SettingInvalid: aws.region: the value is neither a text nor a list of texts.'],
    [{ 'sidecar.acceptedImages': ['a b'] }, 'SettingInvalid: sidecar.acceptedImages: the value is neither'],
    [{ 'sidecar.acceptedImages': [null] }, 'SettingInvalid: sidecar.acceptedImages: the value is neither'],
    [{ 'aws.region': new Date(0) }, 'SettingInvalid: aws.region: the value is neither'],
    [{ 'aws.accountId': 12_345 }, 'SettingInvalid: aws.accountId: the value has 5 characters, not 12;'],
    [{ __proto__x: 1 }, 'SettingUnknown: __proto__x: there is no such setting.'],
  ])('%j is told', (more, text) => {
    const { problems } = webhook({ file: { ...needed, ...(more as object) } })
    expect(problems).toHaveLength(1)
    expect(problems.map(formatProblem)[0]).toContain(text)
  })

  it("is none of the sidecar's, whose variables are named alone", () => {
    const { problems } = readConfig('sidecar', { env: { LANYARD_POD_NAME: 'web-0', LANYARD_POD_UID: '1' } })
    expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual([
      'SettingMissing LANYARD_POD_NAMESPACE',
      'SettingMissing LANYARD_POD_SERVICE_ACCOUNT',
    ])
  })

  it.each(['text', 1, true, [], ['a']])('%j is no file of settings', (file) => {
    const { problems } = webhook({ file })
    expect(problems[0]).toEqual({ code: 'ConfigurationMalformed', message: 'the file is not a mapping of settings' })
  })

  it('is told every problem at once', () => {
    const file = { tls: { certfile: 'x' }, 'webhook.port': 0, sidecar: { uid: 0 }, aws: { region: 'x' } }
    expect(problemsOf({ file, flags: { 'log-level': 'loud' } }).sort()).toEqual([
      'SettingInvalid --log-level',
      'SettingInvalid aws.region',
      'SettingInvalid sidecar.uid',
      'SettingInvalid webhook.port',
      'SettingMissing sidecar.image',
      'SettingUnknown tls.certfile',
    ])
  })

  it('is told how to give what is missing', () => {
    const [problem] = readConfig('webhook', {}).problems
    expect(problem && formatProblem(problem)).toBe(
      'SettingMissing: sidecar.image: there is no value: give it as sidecar.image in the file, as LANYARD_SIDECAR_IMAGE or as --sidecar-image. It must be an image reference, like registry.example.com/lanyard:0.1.0',
    )
  })
})

describe('pod settings', () => {
  it('know their annotation', () => {
    expect(annotationOf('roleArn')).toBe('lanyard.dev/role-arn')
    const annotations = podEntries.map(([, { annotation }]) => annotation)
    expect(new Set(annotations).size).toBe(annotations.length)
    for (const annotation of annotations) expect(annotation).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it("name only defaults of the operator's that exist, in the same grammar", () => {
    for (const [, { operator, kind }] of podEntries) {
      if (operator === undefined) continue
      expect(processSettings.webhook[operator].kind.form).toBe(kind.form)
    }
  })

  it('tell every wrong value with its place', () => {
    const texts: Record<string, string> = { roleArn: ':', region: '?', inject: 'true', sessionDuration: ' 1h ' }
    const read = readPodSettings(
      (key) => texts[key],
      (key) => `field of ${key}`,
      'AnnotationInvalid',
    )
    expect(read.values).toEqual({ inject: true, sessionDuration: 3600 })
    expect(read.problems.map(({ code, field }) => [code, field])).toEqual([
      ['AnnotationInvalid', 'field of roleArn'],
      ['AnnotationInvalid', 'field of region'],
    ])
    expect(read.problems[0]?.fix).toBe(`Write it like ${podSettings.roleArn.kind.example}`)
  })

  it('are read from variables, where they have one', () => {
    const read = readPodVariables({ LANYARD_REGION: 'eu-west-1', LANYARD_ROLE_ARN: ':', LANYARD_MODE: 'x' })
    expect(read.values).toEqual({ region: 'eu-west-1' })
    expect(read.problems.map(({ code, field }) => [code, field])).toEqual([['SettingInvalid', 'LANYARD_ROLE_ARN']])
  })
})

describe('nearest', () => {
  const known = ['region', 'role-arn', 'containers']
  it.each([
    ['regoin', '; did you mean "region"?'],
    ['rolearn', '; did you mean "role-arn"?'],
    ['container', '; did you mean "containers"?'],
    ['region', '; did you mean "region"?'],
    ['something', ''],
    ['', ''],
    ['x'.repeat(100_000), ''],
  ])('%.20s', (name, expected) => {
    expect(nearest(name, known)).toBe(expected)
  })

  it('is nothing among nothing', () => {
    expect(nearest('a', [])).toBe('')
  })
})
