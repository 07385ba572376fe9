import type { Problem } from '../../errors/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import type { Check, Finding } from '../types.ts'
import { explained } from './advice.ts'
import { issuerOf, NOBODY, skip } from './issuerChecks.ts'
import { nearRegion, partitionOf } from './regions.ts'
import type { Exchanged, IdentityGround, Intended } from './types.ts'

type Ground = IdentityGround

/** In the pod alone: the token that the sidecar reads. */
export const token: Check<Ground> = {
  id: 'identity-token',
  title: 'the pod has a token that STS could take',
  look: async (ground) => {
    if (ground.token === undefined)
      return skip('only the sidecar has it: kubectl exec POD -c lanyard -- lanyard doctor')
    const [{ token: seen }, intended] = [await ground.token(), await ground.intended()]
    if (intended !== undefined && intended.provider === undefined && seen.subject !== intended.subject) {
      const message = `its token is of ${seen.subject}, and the pod has ${intended.subject}`
      return [{ verdict: 'fail', code: 'TokenNotJwt', message, fix: 'Look at who writes the token file.' }]
    }
    const minutes = Math.round((seen.expires - ground.now()) / 60_000)
    return [{ verdict: 'ok', message: `${seen.subject}, for ${seen.audiences.join(' and ')}, ${minutes} min more` }]
  },
}

/** Whether there is such a region, and whether the role is of its partition. */
export const region: Check<Ground> = {
  id: 'region',
  title: 'the region exists, and is of the partition of the role',
  look: async ({ intended: ask, failing }) => {
    const intended = await ask()
    if (intended === undefined) return skip(NOBODY)
    if (!intended.isAws) return skip(`STS is ${intended.stsEndpoint}`)
    const isUnreached = ((await failing?.()) ?? []).some(({ problem }) => problem.code === 'StsUnreachable')
    const findings = regionFindings(intended, isUnreached)
    return findings.length > 0 ? findings : [{ verdict: 'ok', message: intended.region }]
  },
}

function regionFindings({ region: name, roles, title }: Intended, isUnreached: boolean): readonly Finding[] {
  const found = partitionOf(name)
  const near = nearRegion(name)
  const unknown = { code: 'RegionUnknown', subject: title } as const
  const fix = {
    fix: `Set lanyard.dev/region or config.aws.region to a region of the role's partition${near === undefined ? '' : `, such as ${near}`}.`,
  }
  if (found === undefined) return [{ verdict: 'fail', ...unknown, message: `there is no region ${name}`, ...fix }]
  const others = roles.filter(({ roleArn }) => !roleArn.startsWith(`arn:${found.partition}:`))
  const [other] = others
  if (other !== undefined)
    return [
      {
        verdict: 'fail',
        ...unknown,
        message: `${name} is of the partition ${found.partition}, and ${other.roleArn} is not`,
        ...fix,
      },
    ]
  if (found.isKnown) return []
  const message = `${name} is no region that is known here${isUnreached ? ', and there is no way to its STS' : '; it may be a new one'}`
  return [{ verdict: isUnreached ? 'fail' : 'warn', ...unknown, message, ...fix }]
}

const MOST_SKEW = 60_000

/** AWS refuses requests that are signed five minutes off, and IAM tokens that are issued in its future. */
export const clock: Check<Ground> = {
  id: 'clock',
  title: "the pod's clock is right",
  look: async ({ intended: ask, skew: measure }) => {
    const [intended, skew] = [await ask(), await measure()]
    if (intended === undefined) return skip(NOBODY)
    if (skew === undefined) return skip('STS has not answered yet, whose clock is what counts')
    const seconds = Math.round(skew / 1_000)
    if (Math.abs(skew) <= MOST_SKEW) return [{ verdict: 'ok', message: `${seconds} s from that of STS` }]
    const message = `it is ${Math.abs(seconds)} s ${skew > 0 ? 'behind' : 'ahead of'} that of STS`
    const fix = `Set the clock of the node (chrony, systemd-timesyncd): ${asCommand(`kubectl -n ${intended.namespace} get ${intended.title} -o wide`)} says which node.`
    return [{ verdict: 'fail', code: 'ClockSkewed', subject: intended.title, message, fix }]
  },
}

/** The exchange itself: tried from here, or as the sidecar found it. */
export const exchange: Check<Ground> = {
  id: 'exchange',
  title: 'STS gives credentials for the identity of the pod',
  look: async (ground, signal) => {
    const intended = await ground.intended()
    if (intended === undefined) return skip(NOBODY)
    const results = (await ground.exchange?.(signal)) ?? (await ground.failing?.()) ?? []
    const problems = results.flatMap((result) => ('problem' in result ? [result] : []))
    const issuer = await issuerOf(ground).catch(() => undefined)
    const failed = problems.map(({ session, problem, isHeld = false }) => {
      const role = intended.roles.find((each) => each.session === session) ?? intended.roles[0]
      const finding = explained(inRegion(problem, intended), { intended, role, issuer })
      return isHeld ? { ...finding, verdict: 'warn' as const } : finding
    })
    if (failed.length > 0) return failed
    const obtained = results.flatMap((result) => ('callerArn' in result ? [result] : []))
    if (obtained.length > 0) return obtained.map(judgeCaller)
    return ground.exchange === undefined
      ? skip('the sidecar tells of no failure; --exchange tries it from here')
      : skip('there was nothing to exchange')
  },
}

/** There is no way to a place that is not there. */
function inRegion(problem: Problem, { isAws, stsEndpoint, region: name }: Intended): Problem {
  const isNowhere = problem.code === 'StsUnreachable' && isAws && stsEndpoint === undefined
  if (!isNowhere || partitionOf(name)?.isKnown === true) return problem
  const near = nearRegion(name)
  const fix = `Set lanyard.dev/region or config.aws.region to a region that exists${near === undefined ? '' : `, such as ${near}`}.`
  return { code: 'RegionUnknown', message: `${name} is no region that is known here, and ${problem.message}`, fix }
}

/** STS API, GetCallerIdentity: `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`, without the role's path. */
function judgeCaller({ roleArn, callerArn }: Exchanged): Finding {
  const [, partition, , , account] = roleArn.split(':')
  const expected = `arn:${partition}:sts::${account}:assumed-role/${roleArn.split('/').at(-1)}/`
  if (callerArn.startsWith(expected)) return { verdict: 'ok', message: `they are of ${callerArn}` }
  const message = `they are of ${callerArn}, and meant is ${roleArn}`
  return { verdict: 'fail', code: 'RoleOther', message }
}
