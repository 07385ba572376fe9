import { afterAll, describe, expect, it } from 'vitest'
import {
  accountId,
  ca,
  failureOf,
  makePod,
  never,
  obtainBy,
  principalArn,
  recipient,
  roleArn,
  startTrustingSts,
} from '../integration/federation/saml/support.ts'
import { startSimpleSamlPhp } from '../support/simpleSamlPhp.ts'

describe('SimpleSAMLphp by ECP', async () => {
  const roles = [
    [roleArn, principalArn],
    [`arn:aws:iam::${accountId}:role/other`, principalArn],
  ] as const
  const user = { username: 'web', password: 'c4n4ry', sessionName: 'web@example.com' }
  const idp = await startSimpleSamlPhp({ ca, ...user, roles, recipient })
  const sts = await startTrustingSts({ name: 'corporate', metadata: idp.metadata })
  const pod = makePod()
  afterAll(async () => {
    await Promise.all([idp.stop(), sts.stop()])
    pod.remove()
  })
  const obtainWith = (password: string) => {
    pod.write('username', 'web\n')
    pod.write('password', password)
    return obtainBy({ source: 'ecp', endpoint: idp.ecp, metadata: idp.metadata }, sts.url, pod.directory)
  }

  it('gives an assertion that is found good, and that STS takes', async () => {
    const obtain = obtainWith('c4n4ry')
    const first = await obtain(never)
    expect(first.assumedRoleArn).toBe(`arn:aws:sts::${accountId}:assumed-role/web/web@example.com`)
    expect((await obtain(never)).accessKeyId).not.toBe(first.accessKeyId)
  })

  it('gives none to another password, and its words are shown', async () => {
    const failure = await failureOf(obtainWith('c4n4ry-other'))
    expect(failure.code).toBe('SamlStatus')
    expect(failure.message).toContain('WRONGUSERPASS')
  })
})
