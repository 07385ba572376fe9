import { issuerName } from '../../issuer/index.ts'
import { isObject } from '../../json/index.ts'
import { asCommand, inShell } from '../../terminal/shell.ts'
import type { Check, Finding } from '../types.ts'
import { issuerOf, NOBODY, seenInstead, skip } from './issuerChecks.ts'
import { parseFile } from './roleFile.ts'
import type { IdentityGround, Intended } from './types.ts'

/** What `aws iam get-open-id-connect-provider` printed, against the pod's token. */
export const iamProvider: Check<IdentityGround> = {
  id: 'iam-provider',
  title: "the IAM provider is that of the cluster's issuer, for the pod's audience",
  look: async (ground) => {
    const [intended, issuer] = [await ground.intended(), await issuerOf(ground).catch(() => undefined)]
    if (intended === undefined) return skip(NOBODY)
    if (intended.provider !== undefined) return skip(seenInstead(intended.provider))
    if (ground.providerFile === undefined)
      return skip(
        'IAM is not asked: `aws iam get-open-id-connect-provider … > provider.json`, and --provider-file provider.json',
      )
    const given = parseFile(ground.providerFile)
    if (!isObject(given) || typeof given['Url'] !== 'string' || !Array.isArray(given['ClientIDList']))
      return [
        {
          verdict: 'fail',
          code: 'StsIdentityProviderUnknown',
          subject: '--provider-file',
          message: 'it is not what aws iam get-open-id-connect-provider prints',
        },
      ]
    const findings = [...ofUrl(given['Url'], issuer), ...ofAudience(given['ClientIDList'], intended)]
    if (findings.length > 0) return findings
    const message = `${given['Url']} for ${intended.audience}`
    return issuer === undefined
      ? skip(`${message}; the cluster's issuer is not known here`)
      : [{ verdict: 'ok', message }]
  },
}

function ofUrl(url: string, issuer: string | undefined): readonly Finding[] {
  if (issuer === undefined || issuerName(url) === issuerName(issuer)) return []
  const slash =
    url.replace(/\/$/, '') === issuerName(issuer).replace(/\/$/, '') ? ': a slash at the end is the difference' : ''
  const message = `the IAM provider is of ${url}, and tokens are of ${issuerName(issuer)}${slash}`
  const fix = `Create one for exactly ${issuer}: ${asCommand(`lanyard setup provider --issuer ${inShell(issuer)}`)}.`
  return [{ verdict: 'fail', code: 'IssuerMismatch', subject: '--provider-file', message, fix }]
}

function ofAudience(clients: readonly unknown[], { audience }: Intended): readonly Finding[] {
  if (clients.includes(audience)) return []
  const message = `the IAM provider takes ${clients.join(', ') || 'no audience'}, and the token is for ${audience}`
  const fix = `Add the client ID ${audience} to the IAM provider, or set lanyard.dev/audience to one that it has.`
  return [{ verdict: 'fail', code: 'StsAudienceRejected', subject: '--provider-file', message, fix }]
}
