import type { RunbookEntry } from './alertsRunbook.ts'
import { byCode } from './alertsRunbookSteps.ts'

const brokerLog = 'Read what the broker says: `kubectl -n NAMESPACE logs POD -c lanyard-broker`.'

/** Of credentials for users of apps. */
export const brokers: Readonly<Record<string, RunbookEntry>> = {
  LanyardUserCredentialsFailing: {
    meaning:
      'More than one in twenty requests for credentials of an app’s users in the last half hour failed for a reason that is not theirs, and the last 5 minutes were no better.',
    impact: 'These users cannot do what they came for. Those whose credentials the broker still holds notice nothing.',
    which:
      'sum by (namespace, pod, provider, role, code) (rate(lanyard_user_credentials_requests_total{code!="Success"}[5m])) > 0',
    diagnosis: ['The query below says which pods, providers and roles it is.', brokerLog],
    mitigation: [
      'Look the `code` of the alert up in [errors](../reference/errors.md): it says what to change.',
      '`Provider…` and `UserTokenKeyUnknown`: the provider of the users, or the way to it, is down, or its keys were changed.',
      '`StsAccessDenied`: compare the trust policy of the role with the issuer and the client id of the provider.',
      '`BrokerRateExceeded`: more users at once than a broker answers in a second, or an app that asks for each of its requests.',
    ],
  },
  LanyardUserTokensForeign: {
    meaning:
      'Brokers were sent tokens that are not their users’, more than ten in half an hour. They come from an attack, from a test, or from an app that mixes up its client ids, providers or roles.',
    impact: 'The broker refuses them, and nobody has got anything.',
    which:
      'sum by (namespace, pod, provider, role, code) (increase(lanyard_user_credentials_requests_total{code=~"UserTokenForged|UserTokenAlgorithm|UserTokenKeyForeign|UserTokenIssuer|UserTokenAudience|UserNonceWrong|UserRoleDenied"}[30m])) > 0',
    diagnosis: [
      'The query below says which pods, providers and roles it is.',
      brokerLog,
      'Did it begin with a release of the app? `kubectl -n NAMESPACE rollout history deployment/NAME`.',
      'Else look in the access log of the app for who sent them: the broker knows no address of a user.',
    ],
    mitigation: [
      byCode,
      'Where it is the app: compare its client id with `clientIds` of the provider, and its roles with those that the operator gave it.',
      'Where it is somebody: block him before the app. The broker goes on refusing him.',
    ],
  },
}
