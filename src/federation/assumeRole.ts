import type { Milliseconds, Obtain, Session, SessionCredentials } from '../credentials/types.ts'
import { Failure } from '../errors/index.ts'
import type { AssumeRoleRequest, Sts } from './sts.ts'
import { type AnswerLimits, toCredentials } from './toCredentials.ts'

/** Whose credentials sign the request; throws Failure StsChainWaiting where there are none. */
export type Holder = () => Promise<SessionCredentials>

/** An attempt lasts 3 s at the start, and what it waited for it must still use. */
const PATIENCE: Milliseconds = 2_500

/** The credentials of another session of this sidecar: those that it holds, or is about to get. */
export function heldBy(session: Session, roleArn: string): Holder {
  return async () => {
    const early = session.view()
    if (early.kind === 'held') return early.credentials
    await session.asked(PATIENCE)
    const view = session.view()
    if (view.kind === 'held') return view.credentials
    const cause = view.lastFailure === undefined ? 'it is being obtained' : view.lastFailure.message
    throw new Failure({ code: 'StsChainWaiting', message: `no credentials of ${roleArn} yet: ${cause}` })
  }
}

/**
 * Assumes a role with the credentials of another (STS API, AssumeRole; "role chaining"): for an hour at most. Throws Failure:
 * the holder's, STS's, or StsAnswerInvalid when STS lies.
 */
export function assumeRole(
  holder: Holder,
  sts: Pick<Sts, 'assumeRole'>,
  request: AssumeRoleRequest,
  limits?: AnswerLimits,
): Obtain {
  return async (signal) => toCredentials(await sts.assumeRole(request, await holder(), signal), request, limits)
}
