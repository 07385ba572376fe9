/** What goes wrong between a pod's identity and its credentials, for real: at STS, on the way there, at an identity provider. */
import { type Case, SLEEP } from './doctorCases.ts'
import { apply, kubectl, podReady, rolledOut, said, tryKubectl, waitFor } from './kubectl.ts'
import { ACCOUNT, DOUBLES } from './settings.ts'
import { bringBack, clearFaults, endpointOf, roleArn, setFault, takeAway } from './sts.ts'
import { type PodOptions, pod } from './workloads.ts'

/** The one namespace whose service account is a client of the OAuth 2.0 server. */
export const IDENTITIES = 'e2e-federation'

type Annotations = Readonly<Record<string, string>>
const app = (name: string, options: PodOptions): object => pod(name, IDENTITIES, { script: SLEEP, ...options })

/** A pod that fails with the code; mended, it is made anew, since its sidecar may wait for minutes before it tries again. */
function failing(given: {
  readonly name: string
  readonly pod: string
  readonly bad: PodOptions
  readonly good?: PodOptions
  readonly code: string
  readonly fix: RegExp
  readonly before?: () => Promise<unknown>
  readonly mend?: () => Promise<unknown>
}): Case {
  const { name, pod: title, bad, good = bad, code, fix, before, mend } = given
  return {
    name,
    breaks: async () => {
      await before?.()
      await apply([app(title, bad)])
      await said(new RegExp(`"code":"${code}"`), title, IDENTITIES, 'lanyard')
    },
    target: [`pod/${title}`, '-n', IDENTITIES],
    code,
    fix,
    mends: async () => {
      await mend?.()
      await kubectl(['delete', 'pod', title, '-n', IDENTITIES, '--grace-period=1'])
      await apply([app(title, good)])
      await podReady(title, IDENTITIES)
    },
  }
}

const annotated = (annotations: Annotations): PodOptions => ({ annotations })
const scaleIdp = async (replicas: number): Promise<void> => {
  await kubectl(['scale', 'deployment/oidc', '-n', DOUBLES, `--replicas=${replicas}`])
  if (replicas > 0) await rolledOut('deployment/oidc', DOUBLES)
  else await kubectl(['wait', 'pod', '-n', DOUBLES, '-l', 'app=oidc', '--for=delete', '--timeout=60s'])
}

const SUBJECT = `system:serviceaccount:${IDENTITIES}:default`

export const identities: readonly Case[] = [
  failing({
    name: 'a trust policy for another subject',
    pod: 'subject',
    bad: { role: 'elsewhere' },
    good: { role: 'web' },
    code: 'StsAccessDenied',
    fix: new RegExp(`must let in ${SUBJECT} of .* with the audience sts\\.amazonaws\\.com`),
  }),
  failing({
    name: 'a role that is not there',
    pod: 'role',
    bad: { role: 'gone' },
    good: { role: 'web' },
    code: 'StsAccessDenied',
    fix: /^Look whether the role is there.*aws iam get-role --role-name gone > role\.json/,
  }),
  failing({
    name: 'an audience that the IAM provider does not take',
    pod: 'audience',
    bad: annotated({ 'lanyard.dev/audience': 'vault' }),
    good: {},
    code: 'StsAudienceRejected',
    fix: new RegExp(`--client-id vault --open-id-connect-provider-arn arn:aws:iam::${ACCOUNT}:oidc-provider/`),
  }),
  failing({
    name: 'a session that is longer than the role allows',
    pod: 'duration',
    bad: annotated({ 'lanyard.dev/session-duration': '12h' }),
    good: annotated({ 'lanyard.dev/session-duration': '1h' }),
    code: 'StsDurationTooLong',
    fix: /aws iam update-role --role-name web --max-session-duration 43200/,
  }),
  failing({
    name: 'no way to STS',
    pod: 'network',
    bad: annotated({ 'lanyard.dev/sts-endpoint': endpointOf('sts-outage') }),
    code: 'StsUnreachable',
    fix: new RegExp(`NetworkPolicies and proxies between namespace ${IDENTITIES} and ${endpointOf('sts-outage')}`),
    before: () => takeAway('sts-outage'),
    mend: () => bringBack('sts-outage'),
  }),
  failing({
    name: 'an identity provider that is down',
    pod: 'provider',
    bad: { role: 'federated', annotations: { 'lanyard.dev/identity-provider': 'corporate' } },
    code: 'ProviderUnreachable',
    fix: /the identity provider corporate is up .* NetworkPolicies and proxies between namespace e2e-federation and it/,
    before: () => scaleIdp(0),
    mend: () => scaleIdp(1),
  }),
  {
    name: 'a clock that is wrong',
    breaks: async () => {
      await setFault('sts-flaky', { kind: 'skew', ms: 120_000 })
      await apply([app('clock', annotated({ 'lanyard.dev/sts-endpoint': endpointOf('sts-flaky') }))])
      await podReady('clock', IDENTITIES)
    },
    target: ['pod/clock', '-n', IDENTITIES],
    code: 'ClockSkewed',
    fix: new RegExp(`kubectl -n ${IDENTITIES} get pod/clock -o wide`),
    mends: async () => {
      await clearFaults('sts-flaky')
      await tryKubectl(['delete', 'pod', 'clock', '-n', IDENTITIES, '--grace-period=1'])
      await waitFor('the old pod is gone', async () =>
        (await tryKubectl(['get', 'pod', 'clock', '-n', IDENTITIES])).code === 0 ? undefined : true,
      )
      await apply([app('clock', annotated({ 'lanyard.dev/sts-endpoint': endpointOf('sts-flaky') }))])
      await podReady('clock', IDENTITIES)
    },
  },
]

/** What IAM would print of the role of a pod here, with this subject in its trust policy. */
export const roleFile = (issuer: string, subject: string): string => {
  const name = issuer.replace(/^https:\/\//, '')
  const keys = { [`${name}:aud`]: 'sts.amazonaws.com', [`${name}:sub`]: subject }
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${name}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: keys },
  }
  const policy = { Version: '2012-10-17', Statement: [statement] }
  return JSON.stringify({ Role: { Arn: roleArn('web'), MaxSessionDuration: 3_600, AssumeRolePolicyDocument: policy } })
}
