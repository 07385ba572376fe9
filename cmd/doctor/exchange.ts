import { callerIdentity } from '../../src/aws/index.ts'
import type { Obtain, SessionCredentials } from '../../src/credentials/index.ts'
import type { Exchanged, Failing } from '../../src/doctor/identity/index.ts'
import { type Problem, toFailure } from '../../src/errors/index.ts'
import type { SessionPlan, Sts, StsOptions } from '../../src/federation/index.ts'
import { allExchanges } from '../sidecar/allExchanges.ts'

/** What is needed to try the sessions of a pod out. */
export type Trying = {
  readonly plans: readonly SessionPlan[]
  readonly stsOptions: StsOptions
  readonly sts: Sts
  /** How the pod's identity becomes credentials. */
  readonly byIdentity: (request: Extract<SessionPlan['hop'], { kind: 'identity' }>['request']) => Obtain
}

/**
 * Gets the credentials of each session once, asks STS whose they are, and forgets them: what a pod does at its start, by the
 * same code. Never rejects.
 */
export async function tryExchanges(trying: Trying, signal: AbortSignal): Promise<readonly (Exchanged | Failing)[]> {
  const obtained = new Map<string, SessionCredentials>()
  const results: (Exchanged | Failing)[] = []
  // In their order: those that others go on from come first.
  for (const plan of trying.plans) {
    const { name: session, hop } = plan
    if (hop.kind === 'chain' && !obtained.has(hop.from)) continue
    try {
      const credentials = await obtainOf(plan, trying, obtained)(signal)
      obtained.set(session, credentials)
      const callerArn = await callerIdentity(trying.stsOptions, credentials, signal)
      results.push({ session, roleArn: hop.request.roleArn, callerArn })
    } catch (thrown) {
      results.push({ session, problem: firstOf(toFailure(thrown).problems) })
    }
  }
  return results
}

const firstOf = (problems: readonly Problem[]): Problem =>
  problems[0] ?? { code: 'Internal', message: 'nothing is known' }

function obtainOf(
  { hop }: SessionPlan,
  { sts, byIdentity }: Trying,
  obtained: ReadonlyMap<string, SessionCredentials>,
): Obtain {
  if (hop.kind === 'identity') return byIdentity(hop.request)
  const holder = async (): Promise<SessionCredentials> => {
    const held = obtained.get(hop.from)
    if (held === undefined) throw toFailure(undefined)
    return held
  }
  const { more } = allExchanges
  return more === undefined ? async () => holder() : more.byRole(holder, sts, hop.request)
}
