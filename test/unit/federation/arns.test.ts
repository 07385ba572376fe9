import { describe, expect, it } from 'vitest'
import { isOfAws, parseRole } from '../../../src/federation/arns.ts'

describe('parseRole', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/web', ['aws', '111122223333', '/', 'web'], true],
    ['arn:aws-cn:iam::111122223333:role/a/b/web', ['aws-cn', '111122223333', '/a/b/', 'web'], true],
    ['arn:aws:iam:::role/web', ['aws', '', '/', 'web'], false],
    ['arn:aws:iam::shop:role/apps/web', ['aws', 'shop', '/apps/', 'web'], false],
    ['arn:minio:iam:::role/web', ['minio', '', '/', 'web'], false],
    ['arn:minio:iam::111122223333:role/web', ['minio', '111122223333', '/', 'web'], false],
  ])('%s', (arn, [partition, accountId, path, name], ofAws) => {
    const role = parseRole(arn)
    expect(role).toEqual({ partition, accountId, path, name })
    expect(role && isOfAws(role)).toBe(ofAws)
  })

  it.each(['', 'web', 'arn:aws:iam::111122223333:user/web', 'arn:aws:iam::111122223333:role/', 'arn:aws:sts:::role/a'])(
    'nothing of %j',
    (arn) => {
      expect(parseRole(arn)).toBeUndefined()
    },
  )
})
