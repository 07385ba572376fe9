/** What a container's own variables would do to the credentials that it is to have. */
import type { Problem } from '../errors/index.ts'
import type { Placed } from './collisions.ts'
import { isEmpty, isProxyHidden, oursIn, ROLE_ARN, TOKEN_FILE, URI, WEB_IDENTITY } from './environment.ts'
import { LOOPBACK } from './layout.ts'
import { list } from './pod.ts'
import type { EnvVar, InjectionContext, Mode } from './types.ts'

type Verdict = 'keep' | 'deny' | 'warn' | 'staticKeys'
type Row = { readonly why: string } & Readonly<Record<Mode, Verdict>>

const row = (sidecar: Verdict, direct: Verdict, why: string): Row => ({ sidecar, direct, why })
const staticKeys = row('staticKeys', 'staticKeys', 'every SDK prefers static keys')
const otherNames = row('staticKeys', 'staticKeys', 'some SDKs read static keys by that name')
const profile = row('warn', 'warn', 'a profile with credentials of its own would win')

/** What happens to variables of the app's that win over ours in the SDKs' chains, and why. Those not named are kept. */
const WINNERS: Readonly<Record<string, Row>> = {
  AWS_ACCESS_KEY_ID: staticKeys,
  AWS_SECRET_ACCESS_KEY: staticKeys,
  AWS_SESSION_TOKEN: staticKeys,
  AWS_ACCESS_KEY: otherNames,
  AWS_SECRET_KEY: otherNames,
  [WEB_IDENTITY]: row(
    'deny',
    'deny',
    'every SDK prefers web identity; the EKS pod identity webhook (IRSA) writes it for ServiceAccounts with eks.amazonaws.com/role-arn',
  ),
  [ROLE_ARN]: row('warn', 'deny', `together with ${WEB_IDENTITY} it would win`),
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: row('deny', 'keep', 'every SDK prefers it to the full URI'),
  [URI]: row('deny', 'keep', 'another provider serves credentials there; EKS Pod Identity writes it'),
  [TOKEN_FILE]: row('deny', 'keep', "it is another provider's token; EKS Pod Identity writes it"),
  AWS_CONTAINER_AUTHORIZATION_TOKEN: row('deny', 'keep', 'some SDKs prefer it to the token file'),
  AWS_PROFILE: profile,
  AWS_DEFAULT_PROFILE: profile,
  AWS_CONFIG_FILE: profile,
  AWS_SHARED_CREDENTIALS_FILE: row('warn', 'warn', 'the credentials in that file would win'),
}

/** What speaks against a target container's own variables. Values are never repeated. */
export function judgeEnv(
  { container, path }: Placed,
  mode: Mode,
  { config }: InjectionContext,
): { problems: Problem[]; warnings: string[] } {
  const problems: Problem[] = []
  const warnings: string[] = []
  const env = list(container.env)
  const isOurs = oursIn(env)
  for (const [index, variable] of env.entries()) {
    const { verdict, why } = verdictOn(variable, mode)
    if (verdict === 'keep' || isOurs(variable)) continue
    const message = `${variable.name} is set: ${why}`
    const isDenied = verdict === 'deny' || (verdict === 'staticKeys' && config['env.staticKeys'] === 'deny')
    if (isDenied) problems.push({ code: 'EnvWinsOverLanyard', field: `${path}.env[${index}]`, message })
    else warnings.push(`container ${container.name}: ${message}`)
  }
  return { problems, warnings: [...warnings, ...hidden({ container, path }, mode)] }
}

function verdictOn(variable: EnvVar, mode: Mode): { readonly verdict: Verdict; readonly why: string } {
  const found = Object.hasOwn(WINNERS, variable.name) && !isEmpty(variable) ? WINNERS[variable.name] : undefined
  return { verdict: found?.[mode] ?? 'keep', why: found?.why ?? '' }
}

/** What cannot be looked into. */
function hidden({ container }: Placed, mode: Mode): string[] {
  const warnings: string[] = []
  if (mode === 'sidecar' && isProxyHidden(list(container.env))) {
    warnings.push(`container ${container.name}: NO_PROXY comes from elsewhere (valueFrom); it must hold ${LOOPBACK}`)
  }
  if (list(container.envFrom).length > 0) {
    warnings.push(
      `container ${container.name}: envFrom cannot be looked into; AWS variables in it may win over Lanyard, or lose to it`,
    )
  }
  return warnings
}
