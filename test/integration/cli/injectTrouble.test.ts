import { describe, expect, test } from 'vitest'
import { CONFIG, folderWith, pod } from './injecting.ts'

const config = ['--config', 'config.yaml']

describe('nothing on the standard output, a line for each problem on the other', () => {
  test.each<[readonly string[], number, string]>([
    [['web.yaml'], 2, 'FlagUnknown: web.yaml: nothing says what it is; did you mean "-f web.yaml"?'],
    [['-o', 'yaml'], 2, 'SettingMissing: --filename: nothing says what to inject. '],
    [['-f', 'a'], 2, 'SettingMissing: sidecar.image: there is no value: give it as sidecar.image in the file, as '],
    [['-f', 'a', '--sidecar-image', '?'], 2, 'SettingInvalid: --sidecar-image: the value '],
    [['-f', 'a', '--config', 'wrong.yaml'], 2, 'SettingUnknown: sidecar.imge: there is no such setting; did you mean '],
    [['-f', 'a', '--config', 'twice.yaml'], 2, 'ConfigurationMalformed: twice.yaml: '],
    [
      ['-f', 'a', '--config', 'values.yaml'],
      2,
      'ConfigurationMalformed: values.yaml: this looks like values of the chart, whose settings are below config. Give what ',
    ],
    [['-f', 'a', '--config', 'none.yaml'], 1, 'FileUnreadable: --config: none.yaml cannot be read (ENOENT). '],
    [['-f', 'none.yaml', ...config], 1, 'FileUnreadable: --filename: none.yaml cannot be read (ENOENT). '],
    [['-f', '-', ...config], 1, 'ManifestMalformed: standard input, document 1: line 1: '],
    [
      ['-f', 'pod.yaml', '--namespace-file', 'pod.yaml', '--service-account-file', 'wrong.sa.yaml', ...config],
      1,
      'ManifestMalformed: wrong.sa.yaml, document 1: the annotations of ',
    ],
    [
      ['-f', 'pod.yaml', '--config', 'ca.yaml'],
      1,
      'FileUnreadable: aws.stsCaFile: /etc/lanyard/sts/ca.crt cannot be read',
    ],
    [
      ['-f', 'pod.yaml', '--server-version', '1.28', ...config],
      1,
      'ServerVersionTooOld: --server-version: 1.28 lacks ',
    ],
  ])('%j', async (args, exitCode, line) => {
    const { inject } = folderWith({
      'pod.yaml': pod(),
      'wrong.yaml': `${CONFIG}sidecar.imge: x`,
      'twice.yaml': 'a: 1\na: 2',
      'values.yaml': 'image: {tag: x}\nreplicas: 3\nconfig: {aws: {region: eu-west-1}}',
      'wrong.sa.yaml': '{apiVersion: v1, kind: ServiceAccount, metadata: {annotations: {a: 1}}}',
      'ca.yaml': `${CONFIG.replace('{', '{stsCaFile: /etc/lanyard/sts/ca.crt, ')}`,
    })
    const { code, stdout, stderr } = await inject(args, { input: 'a: [' })
    expect([code, stdout, stderr.slice(0, line.length)]).toEqual([exitCode, '', line])
    expect(stderr).toMatch(/^[^\n]+\n$/)
  })

  test('every document of every file', async () => {
    const { inject } = folderWith({ 'a.yaml': '- a\n---\n- b', 'b.yaml': 'x', 'c.yaml': pod() })
    const { code, stdout, stderr } = await inject(['-f', 'a.yaml', '-f', 'b.yaml', '-f', 'c.yaml', ...config])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.match(/^ManifestMalformed: [ab]\.yaml, document [12]: line \d: it is no object/gm)).toHaveLength(3)
  })
})
