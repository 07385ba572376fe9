import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import type { StsAnswer } from '../../../src/federation/index.ts'
import { toCredentials } from '../../../src/federation/toCredentials.ts'
import { noon } from './support.ts'

const answer: StsAnswer = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expires: noon + 3_600_000,
  date: noon,
  localTime: noon,
}
const of = (roleArn: string, assumedRoleArn: string | undefined) =>
  toCredentials({ ...answer, assumedRoleArn }, { roleArn, durationSeconds: 3600 })

const HEX = '0123456789abcdef0123456789abcdef'

describe('the role of an answer', () => {
  it.each([
    ['AWS', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::111122223333:assumed-role/web/s', '111122223333'],
    ['AWS', 'arn:aws:iam::111122223333:role/apps/web', 'arn:aws:sts::111122223333:assumed-role/web/s', '111122223333'],
    [
      'China',
      'arn:aws-cn:iam::111122223333:role/web',
      'arn:aws-cn:sts::111122223333:assumed-role/web/s',
      '111122223333',
    ],
    ['Ceph', 'arn:aws:iam:::role/web', 'arn:aws:sts:::assumed-role/web/s', ''],
    ['Ceph, with a path', 'arn:aws:iam:::role/apps/web', 'arn:aws:sts:::assumed-role/apps/web/s', ''],
    ['Ceph, a path left out', 'arn:aws:iam:::role/apps/web', 'arn:aws:sts:::assumed-role/web/s', ''],
    ['SeaweedFS', 'arn:aws:iam:::role/web', 'arn:aws:sts::assumed-role/web/s', ''],
    ['a tenant of Ceph', 'arn:aws:iam::shop:role/web', 'arn:aws:sts::shop:assumed-role/web/s', 'shop'],
    ['a tenant of Ceph', `arn:aws:iam::${HEX}:role/web`, `arn:aws:sts::${HEX}:assumed-role/web/s`, HEX],
  ])('%s: %s is taken for %s', (_, roleArn, assumedRoleArn, accountId) => {
    expect(of(roleArn, assumedRoleArn)).toMatchObject({ roleArn, assumedRoleArn, accountId })
  })

  it.each([undefined, ''])('MinIO names none (%j)', (said) => {
    const roleArn = 'arn:minio:iam:::role/oxnUw3DAuQF1uggjXGxI2AmW8IA'
    expect(of(roleArn, said)).toMatchObject({ roleArn, assumedRoleArn: roleArn, accountId: '' })
  })

  it.each([
    ['arn:aws:iam::111122223333:role/web', undefined],
    ['arn:aws:iam::111122223333:role/web', ''],
    ['arn:aws:iam:::role/web', undefined],
    ['arn:aws:iam:::role/web', ''],
  ])('%s: AWS and Ceph must name it (%j)', (roleArn, said) => {
    expect(() => of(roleArn, said)).toThrow('has no AssumedRoleUser.Arn')
  })

  it.each([
    ['another name', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::111122223333:assumed-role/other/s'],
    ['another account', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::111122224444:assumed-role/web/s'],
    ['another partition', 'arn:aws:iam::111122223333:role/web', 'arn:aws-cn:sts::111122223333:assumed-role/web/s'],
    ['no account', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts:::assumed-role/web/s'],
    ['a path, at AWS', 'arn:aws:iam::111122223333:role/apps/web', 'arn:aws:sts::111122223333:assumed-role/apps/web/s'],
    ['no session', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::111122223333:assumed-role/web/'],
    ['two sessions', 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::111122223333:assumed-role/web/s/t'],
    ['a role, no session of one', 'arn:aws:iam::111122223333:role/web', 'arn:aws:iam::111122223333:role/web'],
    ['an account, at Ceph', 'arn:aws:iam:::role/web', 'arn:aws:sts::111122223333:assumed-role/web/s'],
    ["SeaweedFS's form, at AWS", 'arn:aws:iam::111122223333:role/web', 'arn:aws:sts::assumed-role/web/s'],
    ["another, in SeaweedFS's form", 'arn:aws:iam:::role/web', 'arn:aws:sts::assumed-role/other/s'],
    ['another tenant', 'arn:aws:iam::shop:role/web', 'arn:aws:sts::bank:assumed-role/web/s'],
    ['another path', 'arn:aws:iam:::role/apps/web', 'arn:aws:sts:::assumed-role/other/web/s'],
    ['another, at MinIO', 'arn:minio:iam:::role/web', 'arn:minio:sts:::assumed-role/other/s'],
    ['what is no role', 'arn:aws:iam::111122223333:user/web', 'arn:aws:sts::111122223333:assumed-role/web/s'],
  ])('%s is refused', (_, roleArn, assumedRoleArn) => {
    expect(() => of(roleArn, assumedRoleArn)).toThrow(Failure)
    expect(() => of(roleArn, assumedRoleArn)).toThrow(`not of the role ${roleArn}`)
  })
})
