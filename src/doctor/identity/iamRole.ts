import { issuerName } from '../../issuer/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import { isApiServers, lintPolicy, type TrustFinding } from '../../trust/index.ts'
import type { Check, Finding } from '../types.ts'
import { issuerOf, NOBODY, seenInstead, skip } from './issuerChecks.ts'
import { type Given, roleIn } from './roleFile.ts'
import type { IdentityGround, Intended, IntendedRole } from './types.ts'

type Ground = IdentityGround

/** What `aws iam get-role` printed, against what the pod needs of the role. */
export const role: Check<Ground> = {
  id: 'role',
  title: 'the role is there, and lets the pod in',
  look: async (ground) => {
    const intended = await ground.intended()
    if (intended === undefined) return skip(NOBODY)
    if (ground.roleFile === undefined) return skip(hint(intended))
    if (ground.roleFile.trim() === '') return [nothing(intended)]
    const given = roleIn(ground.roleFile)
    if (given === undefined)
      return [
        {
          verdict: 'fail',
          code: 'TrustPolicyMalformed',
          subject: '--role-file',
          message: 'it is not what aws iam get-role prints',
        },
      ]
    const meant = intended.roles.find(({ roleArn }) => roleArn === given.arn)
    if (meant === undefined) return [absent(intended, given.arn)]
    const issuer = await issuerOf(ground).catch(() => undefined)
    const findings = [...tooShort(meant, given.maxSession), ...lint(given, intended, issuer)]
    return findings.length > 0 ? findings : [nothingFound(given.arn, intended, issuer)]
  },
}

/** Without the one who asks nothing was compared with the policy. */
function nothingFound(arn: string, { provider, subject }: Intended, issuer: string | undefined): Finding {
  const unsaid = `${arn} is there, and nothing is wrong with it by itself; whether it lets in the pod cannot be said:`
  if (provider !== undefined) return { verdict: 'skip', message: `${unsaid} ${seenInstead(provider)}` }
  if (issuer === undefined) return { verdict: 'skip', message: `${unsaid} the issuer is not known here` }
  return { verdict: 'ok', message: `${arn} lets in ${subject}` }
}

const nameOf = ({ roles }: Intended): string => roles[0]?.roleArn.split('/').at(-1) ?? 'ROLE'

const hint = (intended: Intended): string =>
  `IAM is not asked: ${asCommand(`aws iam get-role --role-name ${nameOf(intended)} > role.json`)}, and --role-file role.json`

/** What a command that failed leaves of a file. */
const nothing = ({ title, roles }: Intended): Finding => ({
  verdict: 'fail',
  code: 'RoleAbsent',
  subject: title,
  message: `the file is empty: IAM has no role ${roles[0]?.roleArn}, or you may not see it`,
})

function absent({ roles, title }: Intended, found: string): Finding {
  const meant = roles.map(({ roleArn }) => roleArn).join(', ')
  const fix = 'Correct lanyard.dev/role-arn, or give the file of that role; lanyard setup role makes one.'
  return {
    verdict: 'fail',
    code: 'RoleAbsent',
    subject: title,
    message: `the pod is to have ${meant}, and IAM shows ${found}`,
    fix,
  }
}

function tooShort({ durationSeconds, roleArn }: IntendedRole, most: number | undefined): readonly Finding[] {
  if (most === undefined || durationSeconds <= most) return []
  const name = roleArn.split('/').at(-1)
  const message = `the session is to last ${durationSeconds} s, and ${roleArn} allows ${most} s`
  const fix = `${asCommand(`aws iam update-role --role-name ${name} --max-session-duration ${durationSeconds}`)}; or set lanyard.dev/session-duration to ${most}s at most.`
  return [{ verdict: 'fail', code: 'RoleSessionTooShort', subject: roleArn, message, fix }]
}

function lint({ arn, policy }: Given, intended: Intended, issuer: string | undefined): readonly Finding[] {
  const isOwn = intended.provider === undefined
  const findings = lintPolicy(policy, {
    roleArn: arn,
    ...(isOwn && issuer !== undefined && { issuer, subject: intended.subject, audience: intended.audience }),
  })
  return byWeight(findings).map(({ verdict, code, where, message, attack, fix, wants }) => ({
    verdict,
    code,
    subject: `${arn} ${where}`.trim(),
    message: attack === undefined ? message : `${message}. ${attack.replace(/\.$/, '')}`,
    ...(fix !== undefined && { fix }),
    ...(wants !== undefined && issuer !== undefined && fixFor(code, wants, intended, issuerName(issuer))),
  }))
}

/** With this pod's names in it; `wants` is what the policy has instead. */
function fixFor(
  code: TrustFinding['code'],
  wants: readonly string[],
  { subject, audience }: Intended,
  name: string,
): { readonly fix?: string } {
  const entry = (key: string, value: string): string => `${JSON.stringify(`${name}:${key}`)}: ${JSON.stringify(value)}`
  // Whoever makes a pod names its role: that it asks is no reason to let it in.
  if (code === 'TrustSubjectOther')
    return {
      fix: `If ${subject} is meant to have the role, add a statement of its own, with ${entry('sub', subject)} and ${isApiServers(audience, name) ? 'an audience that is for AWS alone' : entry('aud', audience)} under StringEquals.`,
    }
  if (code !== 'TrustAudienceOther') return {}
  if (isApiServers(audience, name))
    return { fix: 'Set lanyard.dev/audience to one that is for AWS alone, such as sts.amazonaws.com.' }
  const own = `${entry('aud', audience)} under StringEquals`
  // No pod may ask for a token of the API server's own audience.
  return wants.every((value) => isApiServers(value, name))
    ? { fix: `Write ${own}.` }
    : { fix: `Set lanyard.dev/audience to what the policy has, or write ${own}.` }
}

/** What keeps the pod out comes before what lets others in: the one is why it fails, the other is to be mended as well. */
const byWeight = (findings: readonly TrustFinding[]): readonly TrustFinding[] =>
  findings.toSorted((one, other) => Number(one.attack !== undefined) - Number(other.attack !== undefined))
