import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readSettings, readStsCa, webhookFlags } from '../../../cmd/webhook/settings.ts'
import { Failure } from '../../../src/errors/index.ts'
import { flagOf, settingsOf } from '../../../src/settings/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-settings-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

const enough = { 'tls-cert-file': 'a', 'tls-key-file': 'b', 'sidecar-image': 'lanyard:1' }
const read = (texts: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  readSettings({ texts, lists: {}, switches: new Set(), operands: [] }, env)

function withFile(text: string) {
  const path = join(directory, 'config.yaml')
  writeFileSync(path, text)
  return read({ ...enough, config: path })
}

function problemOf(action: () => unknown): string {
  try {
    action()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message.replaceAll(directory, '')
    throw thrown
  }
  return 'none'
}

describe('the YAML file of the webhook', () => {
  test.each(['', '# nothing but a comment\n', 'null', '---\n', '{}', 'aws:\n', 'aws:\n  region:\n'])(
    'may say nothing: %j',
    (text) => {
      expect(withFile(text)['webhook.port']).toBe(10_250)
    },
  )

  test('may use anchors and aliases', () => {
    expect(withFile('aws: { region: &r eu-west-1 }\nsidecar: { image: *r }')['aws.region']).toBe('eu-west-1')
  })

  test.each([
    ['tls:\n  certFile: a: b\n', /at line 2, column 13\. Correct/],
    ['tls:\n\tcertFile: a\n', /at line 2, column 1\. /],
    ['aws: [1\n', /at line 2, column 1\. /],
    ['a: 1\na: 2\n', /Map keys must be unique at line 2, column 1\. /],
    ['a: 1\n---\nb: 2\n', /it holds several documents, separated by ---\. /],
    ['a: *nothing\n', /an alias \(\*NAME\) stands for nothing, or for too much\. /],
    [
      `a: &a [${'x,'.repeat(10)}]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(10)}]\n`,
      /an alias \(\*NAME\) stands for nothing, or for too much\. /,
    ],
    ['- a\n', /it is not a mapping\. /],
    ['words', /it is not a mapping\. /],
    ['\u0000\ufffd', /ConfigurationMalformed: /],
  ])('that reads %j is refused', (text, problem) => {
    const message = problemOf(() => withFile(text))
    expect(message).toMatch(/^ConfigurationMalformed: \/config\.yaml: [^\n]+$/)
    expect(message).toMatch(problem)
  })

  test('is named by what named it, where it cannot be read', () => {
    expect(problemOf(() => read({ config: '/none' }))).toMatch(
      /^FileUnreadable: --config: \/none cannot be read \(ENOENT\)/,
    )
    expect(problemOf(() => read({}, { LANYARD_CONFIG: '/none' }))).toMatch(/^FileUnreadable: LANYARD_CONFIG: \/none /)
    expect(problemOf(() => read({ config: directory }))).toContain('(EISDIR)')
  })
})

test('two ports that are the same are told, both by name', () => {
  const same = /^SettingInvalid: webhook\.metricsPort: webhook\.port and webhook\.metricsPort are both 9798\. /
  expect(problemOf(() => withFile('webhook: { port: 9798 }'))).toMatch(same)
  expect(problemOf(() => withFile('webhook: { port: 9798, drain: x }')).split('\n')).toHaveLength(2)
  expect(problemOf(() => withFile('webhook: { port: 0, metricsPort: 0 }'))).not.toContain('both')
  expect(problemOf(() => withFile('defaults: { metricsPort: 9797 }'))).toMatch(
    /^SettingInvalid: defaults\.metricsPort: defaults\.credentialsPort and defaults\.metricsPort are both 9797\. /,
  )
})

describe('the authorities of STS', () => {
  const caOf = (text: string): string | undefined => {
    const path = join(directory, 'ca.pem')
    writeFileSync(path, text)
    return readStsCa(read({ ...enough, 'aws-sts-ca-file': path }))
  }

  test('are none where there is no file', () => {
    expect(readStsCa(read(enough))).toBeUndefined()
  })

  test('are taken as they are', async () => {
    const { pem } = await createCertificateAuthority({ name: 'a', now: Date.now })
    expect(caOf(`\n${pem}${pem}\n`)).toBe(`${pem}${pem}`.trim())
  })

  test.each([
    ['', 'nothing'],
    ['garbage', 'garbage'],
    ['-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----', 'no certificate inside'],
    ['-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----', 'a key'],
  ])('%j is refused: %s', (text) => {
    expect(problemOf(() => caOf(text))).toMatch(
      /^SettingInvalid: aws\.stsCaFile: \/ca\.pem does not hold PEM certificates of at most 32 kB\. Name a file/,
    )
  })

  test('of more than 32 kB are refused, since every pod carries them', async () => {
    const { pem } = await createCertificateAuthority({ name: 'a', now: Date.now })
    expect(problemOf(() => caOf(pem.repeat(80)))).toContain('at most 32 kB')
  })
})

describe('what does not go together', () => {
  const google = 'userProviders: { google: { kind: google, clientIds: [a] } }\n'
  const role = (providers: string): string =>
    `userRoles: { files: { kind: role, namespaces: [shop], providers: [${providers}], roleArn: arn:aws:iam::111122223333:role/u } }\n`
  const endpoint = 'aws: { stsEndpoint: https://sts.example.com, region: eu-west-1, '

  test.each([
    [`${google}${role('google')}`, 'none'],
    [
      `${google}${role('google, gogle')}`,
      /^SettingInvalid: userRoles\.files\.providers: there is no userProviders\.gogle; did you mean "google/,
    ],
    [
      role('google'),
      /^SettingInvalid: userRoles\.files\.providers: there is no userProviders\.google\. Write a name of/,
    ],
    [
      `userProviders: { google: { kind: google } }\n${role('google')}`,
      /^SettingInvalid: userProviders\.google\.clientIds: the value is missing.*$/,
    ],
    [`userProviders: [google]\n${role('google')}`, /^SettingInvalid: userProviders: the value is a list; .*$/],
    [`${endpoint}fips: false }`, 'none'],
    [
      `${endpoint}fips: true }`,
      /^SettingInvalid: aws\.fips: it chooses an endpoint of the region, and aws\.stsEndpoint/,
    ],
    [`${endpoint}dualStack: true }`, /^SettingInvalid: aws\.dualStack: it chooses/],
    ['aws: { region: eu-west-1, fips: true, dualStack: true }', 'none'],
    [
      'userCredentials: { port: 9900, metricsPort: 9900 }',
      /^SettingInvalid: userCredentials\.metricsPort: userCredentials\.port and userCredentials\.metricsPort are both 9900/,
    ],
  ])('%s', (text, expected) => {
    const problem = problemOf(() => withFile(text))
    if (typeof expected === 'string') expect(problem).toBe(expected)
    else expect(problem).toMatch(expected)
  })
})

test('every setting has its flag, with its form and what holds without it', () => {
  const names = webhookFlags.map(({ name }) => name)
  expect(names).toEqual(['config', ...settingsOf('webhook').map(([key]) => flagOf(key))])
  expect(new Set(names).size).toBe(names.length)
  expect(webhookFlags.find(({ name }) => name === 'webhook-port')?.note).toBe(
    '(a port from 1 to 65535; default 10250; LANYARD_WEBHOOK_PORT)',
  )
  expect(webhookFlags.find(({ name }) => name === 'sidecar-image')?.note).toContain('; required; ')
  expect(webhookFlags.find(({ name }) => name === 'aws-region')?.note).toContain('; none by default; ')
})

describe('the certificate comes from', () => {
  const image = { 'sidecar-image': 'lanyard:1' }
  test.each([
    ['two files', { 'tls-cert-file': 'a', 'tls-key-file': 'b' }, 'none'],
    ['the built-in authority', { 'tls-namespace': 'lanyard-system' }, 'none'],
    ['nowhere', {}, /^SettingMissing: tls\.namespace: the built-in authority needs it/],
    [
      'a certificate without its key',
      { 'tls-cert-file': 'a' },
      /^SettingMissing: tls\.keyFile: tls\.certFile is given/,
    ],
    ['a key without its certificate', { 'tls-key-file': 'a' }, /^SettingMissing: tls\.certFile: tls\.keyFile is given/],
    [
      'an authority that settles for most of its life',
      { 'tls-namespace': 'a', 'tls-ca-lifetime': '2m', 'tls-settle': '16s' },
      /^SettingInvalid: tls\.settle: it is 16 s, more than an eighth of tls\.caLifetime \(120 s\)\. Shorten it/,
    ],
    ['one that settles just in time', { 'tls-namespace': 'a', 'tls-ca-lifetime': '2m', 'tls-settle': '15s' }, 'none'],
  ])('%s', (_, flags, expected) => {
    const problem = problemOf(() => read({ ...image, ...flags }))
    if (typeof expected === 'string') expect(problem).toBe(expected)
    else expect(problem).toMatch(expected)
  })
})
