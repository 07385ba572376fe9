import { expect, test } from 'vitest'
import { explained } from '../../../../src/doctor/identity/advice.ts'
import { fixOf as fixOfFinding } from '../../../../src/doctor/report.ts'
import { groundWith, intended, lookAt, NAME, ROLE } from './ground.ts'

/** A pod's author writes its audience; whoever asks the doctor copies its advice. */
test.each(['x;id', '$(id)', '`id`', "a'b", 'a&&id', 'a|sh'])(
  'an audience %s is one word of the command',
  (audience) => {
    const role = intended.roles[0]
    const about = { intended: { ...intended, audience }, role, issuer: `https://${NAME}` }
    const { fix = '' } = explained({ code: 'StsAudienceRejected', message: 'no' }, about)
    expect(fix).toContain(`--client-id '${audience.replaceAll("'", `'\\''`)}' --open-id`)
  },
)

const policyFor = (entries: object): string =>
  JSON.stringify({
    Role: {
      Arn: ROLE,
      AssumeRolePolicyDocument: {
        Statement: {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${NAME}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: entries },
        },
      },
    },
  })

async function fixOf(changes: Partial<typeof intended>, entries: object): Promise<string | undefined> {
  const ground = groundWith({ roleFile: policyFor(entries), intended: async () => ({ ...intended, ...changes }) })
  return (await lookAt(ground))['role']?.[0]?.fix
}

test.each([
  'StsAccessDenied',
  'StsAudienceRejected',
  'StsIdentityProviderUnknown',
  'StsVerificationKeyMissing',
] as const)('of %s with an identity provider between, the cluster’s issuer is nothing to let in', (code) => {
  const about = { intended: { ...intended, provider: 'corporate' }, role: intended.roles[0], issuer: `https://${NAME}` }
  const fix = fixOfFinding(explained({ code, message: 'no' }, about))
  expect(fix).toContain('corporate')
  expect(fix).not.toMatch(/system:serviceaccount|cluster|oidc\.example\.com/)
})

test('a statement for another subject is whole', async () => {
  const right = { [`${NAME}:aud`]: 'sts.amazonaws.com', [`${NAME}:sub`]: 'system:serviceaccount:shop:other' }
  expect(await fixOf({}, right)).toContain(
    `"${NAME}:sub": "system:serviceaccount:shop:web" and "${NAME}:aud": "sts.amazonaws.com" under StringEquals`,
  )
  expect(await fixOf({ audience: 'k3s' }, right)).toContain('and an audience that is for AWS alone under')
})

test('a pod that names a role is no reason to let it in', async () => {
  const right = { [`${NAME}:aud`]: 'sts.amazonaws.com', [`${NAME}:sub`]: 'system:serviceaccount:shop:web' }
  expect(await fixOf({ subject: 'system:serviceaccount:other:other' }, right)).toMatch(
    /^If system:serviceaccount:other:other is meant to have the role, add a statement of its own, with /,
  )
})

test('an audience forges no further condition, and that of the API server is not let in', async () => {
  const wanted = { [`${NAME}:aud`]: 'vault', [`${NAME}:sub`]: 'system:serviceaccount:shop:web' }
  const forged = `x","${NAME}:sub":"system:serviceaccount:other:other`
  expect(await fixOf({ audience: forged }, wanted)).toContain(`"${NAME}:aud": ${JSON.stringify(forged)} under`)
  for (const audience of ['k3s', 'HTTPS://kubernetes.default.svc', `https://${NAME}`])
    expect(await fixOf({ audience }, wanted)).toMatch(/for AWS alone/)
})
