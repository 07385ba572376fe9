import type { Code, Problem } from '../../errors/index.ts'
import { asCommand, inShell } from '../../terminal/shell.ts'
import type { Finding } from '../types.ts'
import type { Intended, IntendedRole } from './types.ts'

/** What is known of whoever failed. */
export type About = {
  readonly intended: Intended
  readonly role: IntendedRole | undefined
  /** As tokens have it; undefined where nobody could say. */
  readonly issuer: string | undefined
}

const roleName = (arn: string): string => arn.split('/').at(-1) ?? arn
const ownerOf = (arn: string): string => arn.split(':').slice(0, 5).join(':')

/** More precise than the table of codes: with the names of this pod, as commands to copy. */
const ADVICE: Partial<Record<Code, (about: Required<About> & { role: IntendedRole }) => string>> = {
  StsAccessDenied: ({ intended, role, issuer }) =>
    `Look whether the role is there, and whom it trusts: ${asCommand(`aws iam get-role --role-name ${roleName(role.roleArn)} > role.json`)}. ` +
    `Its trust policy must let in ${intended.subject}${of(issuer)} with the audience ${intended.audience}: ` +
    `${asCommand(`lanyard doctor ${intended.title} -n ${intended.namespace} --role-file role.json`)} says what keeps it out, and \`lanyard setup role\` writes a new one. A new policy takes a minute to spread.`,
  StsAudienceRejected: ({ intended, role, issuer }) =>
    `${asCommand(`aws iam add-client-id-to-open-id-connect-provider --client-id ${inShell(intended.audience)} --open-id-connect-provider-arn ${inShell(`${ownerOf(role.roleArn)}:oidc-provider/${nameOf(issuer)}`)}`)}; or change lanyard.dev/audience.`,
  TokenAudience: ({ intended }) =>
    `Make lanyard.dev/audience (${intended.audience}) and the audience of the projected token the same: let the pod be made anew.`,
  StsIdentityProviderUnknown: ({ issuer, role }) =>
    `Create the IAM OIDC provider in account ${role.roleArn.split(':')[4]}: ${asCommand(`lanyard setup provider --issuer ${inShell(issuer ?? 'ISSUER')} | sh`)}. Its URL must be the issuer's to the letter, a slash at the end too.`,
  StsVerificationKeyMissing: () =>
    'Publish the keys that the cluster has now: `lanyard setup issuer --out FOLDER` writes them, and `lanyard setup issuer --check` says when all are there.',
  StsIdentityProviderUnreachable: () =>
    'See from outside whether the issuer answers, and how fast: `lanyard setup issuer --check`.',
  StsDurationTooLong: ({ role }) =>
    `${asCommand(`aws iam update-role --role-name ${roleName(role.roleArn)} --max-session-duration ${role.durationSeconds}`)}; or lower lanyard.dev/session-duration, which is ${role.durationSeconds} s.`,
  StsUnreachable: ({ intended }) =>
    `Look at DNS, NetworkPolicies and proxies between namespace ${intended.namespace} and ${endpointOf(intended)}; that region must exist, too.`,
  StsTimeout: ({ intended }) =>
    `Look at NetworkPolicies and firewalls between namespace ${intended.namespace} and ${endpointOf(intended)}: what is dropped there looks like this.`,
  ProviderUnreachable: ({ intended }) => wayToProvider(intended),
  ProviderTimeout: ({ intended }) => wayToProvider(intended),
  StsRegionDisabled: ({ intended }) =>
    `Turn the region ${intended.region} on in the account, or set lanyard.dev/region to another one.`,
}

/** In place of these, where AWS does not see the cluster's tokens, but those of an identity provider. */
const OF_PROVIDER: Partial<Record<Code, (provider: string) => string>> = {
  StsAccessDenied: (provider) =>
    `Look whether the role is there, and whether its trust policy lets in the subject and the audience that ${provider} gives the pod.`,
  StsAudienceRejected: (provider) =>
    `Add the audience of what ${provider} issues to its IAM provider, or have it issue for one that is there.`,
  StsIdentityProviderUnknown: (provider) =>
    `Create the IAM provider of ${provider} in the account of the role: \`lanyard setup provider --help\` says how.`,
  StsIdentityProviderUnreachable: (provider) =>
    `See from outside whether the issuer of ${provider} answers, and how fast.`,
  StsVerificationKeyMissing: (provider) =>
    `Look at the keys that ${provider} publishes: the one that signs is not among them.`,
}

const wayToProvider = ({ provider, namespace }: Intended): string =>
  `Look whether the identity provider ${provider} is up at the address of the message, and at DNS, NetworkPolicies and proxies between namespace ${namespace} and it.`

const of = (issuer: string | undefined): string => (issuer === undefined ? '' : ` of ${nameOf(issuer)}`)
const nameOf = (issuer: string | undefined): string => issuer?.replace(/^https:\/\//, '') ?? 'ISSUER'
const endpointOf = ({ stsEndpoint, region }: Intended): string => stsEndpoint ?? `STS in ${region}`

/** A failure of the sidecar or of an exchange, with what to change for this pod. */
export function explained(problem: Problem, { intended, role, issuer }: About): Finding {
  const ofProvider = intended.provider === undefined ? undefined : OF_PROVIDER[problem.code]?.(intended.provider)
  const ofPod = role === undefined ? undefined : ADVICE[problem.code]?.({ intended, role, issuer })
  const chosen = ofProvider ?? ofPod ?? problem.fix
  return {
    verdict: 'fail',
    code: problem.code,
    subject: problem.field ?? intended.title,
    message: problem.message,
    ...(chosen !== undefined && { fix: chosen }),
  }
}
