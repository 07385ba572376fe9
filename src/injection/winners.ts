/** What a container's own variables would do to the credentials that it is to have. */
import type { Problem } from '../errors/index.ts'
import type { Placed } from './collisions.ts'
import {
  IMDS_DISABLED,
  IMDS_ENDPOINTS,
  isEmpty,
  isProxyHidden,
  mayMatter,
  oursIn,
  ROLE_ARN,
  TOKEN_FILE,
  URI,
  WEB_IDENTITY,
} from './environment.ts'
import { LOOPBACK } from './layout.ts'
import { list } from './pod.ts'
import type { Container, Delivery, EnvVar, InjectionContext } from './types.ts'

type Verdict = 'keep' | 'deny' | 'warn'
/** Some depend on what the operator chose, or on the value. */
type Cell = Verdict | 'staticKeys' | 'denyTrue'
type Row = { readonly why: string } & Readonly<Record<Delivery, Cell>>

const row = (container: Cell, imds: Cell, direct: Cell, why: string): Row => ({ container, imds, direct, why })
const always = (cell: Cell, why: string): Row => row(cell, cell, cell, why)
const staticKeys = always('staticKeys', 'every SDK prefers static keys')
const otherNames = always('staticKeys', 'some SDKs read static keys by that name')
const profile = always('warn', 'a profile with credentials of its own would win')
const webIdentity =
  'every SDK prefers web identity; the EKS pod identity webhook (IRSA) writes it for ServiceAccounts with eks.amazonaws.com/role-arn'
const disabled = 'true keeps every SDK from asking IMDS, and any value some releases of the JavaScript SDK'
const endpoint = row('keep', 'deny', 'keep', 'another IMDS is asked there')

/** So that `mayMatter` passes over none of them. */
type Aws = `AWS_${string}`

/** What happens to variables of the app's that win over ours in the SDKs' chains, and why. Those not named are kept. */
const WINNERS: Readonly<Record<Aws, Row>> = {
  AWS_ACCESS_KEY_ID: staticKeys,
  AWS_SECRET_ACCESS_KEY: staticKeys,
  AWS_SESSION_TOKEN: staticKeys,
  AWS_ACCESS_KEY: otherNames,
  AWS_SECRET_KEY: otherNames,
  [WEB_IDENTITY]: always('deny', webIdentity),
  [ROLE_ARN]: row('warn', 'warn', 'deny', `together with ${WEB_IDENTITY} it would win`),
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: row('deny', 'deny', 'keep', 'every SDK asks there first'),
  [URI]: row('deny', 'deny', 'keep', 'another provider serves credentials there; EKS Pod Identity writes it'),
  [TOKEN_FILE]: row('deny', 'keep', 'keep', "it is another provider's token; EKS Pod Identity writes it"),
  AWS_CONTAINER_AUTHORIZATION_TOKEN: row('deny', 'keep', 'keep', 'some SDKs prefer it to the token file'),
  [IMDS_DISABLED]: row('keep', 'denyTrue', 'keep', disabled),
  [IMDS_ENDPOINTS[0]]: endpoint,
  [IMDS_ENDPOINTS[1]]: endpoint,
  AWS_PROFILE: profile,
  AWS_DEFAULT_PROFILE: profile,
  AWS_CONFIG_FILE: profile,
  AWS_SHARED_CREDENTIALS_FILE: always('warn', 'the credentials in that file would win'),
}

/** What speaks against a target container's own variables. Values are never repeated. */
export function judgeEnv(
  { container, path }: Placed,
  delivery: Delivery,
  context: InjectionContext,
): { problems: Problem[]; warnings: string[] } {
  const problems: Problem[] = []
  const warnings: string[] = []
  const env = list(container.env)
  const few = env.filter(mayMatter)
  const isOurs = oursIn(few, delivery)
  for (const variable of few) {
    const found = isOurs(variable) ? undefined : rowOf(variable)
    if (found === undefined) continue
    const index = env.indexOf(variable)
    const verdict = verdictOn(variable, found[delivery], context)
    const message = `${variable.name} is set: ${found.why}`
    const problem = { code: 'EnvWinsOverLanyard', field: `${path}.env[${index}]`, message } as const
    if (verdict === 'deny') problems.push({ ...problem, ...fixOf(found, delivery) })
    if (verdict === 'warn') warnings.push(`container ${container.name}: ${message}`)
  }
  return { problems, warnings: [...warnings, ...hidden(container, few, delivery)] }
}

const isWinner = (name: string): name is Aws => Object.hasOwn(WINNERS, name)
const rowOf = (variable: EnvVar): Row | undefined =>
  isWinner(variable.name) && !isEmpty(variable) ? WINNERS[variable.name] : undefined

function verdictOn({ value }: EnvVar, cell: Cell, { config }: InjectionContext): Verdict {
  if (cell === 'staticKeys') return config['env.staticKeys']
  if (cell === 'denyTrue') return /^\s*true\s*$/i.test(value ?? '') ? 'deny' : 'warn'
  return cell
}

/** With IMDS no container can be taken out; what is in the way of it alone is not in that of the container protocol. */
function fixOf({ container }: Row, delivery: Delivery): { readonly fix?: string } {
  if (delivery !== 'imds') return {}
  return { fix: `Remove the variable${container === 'keep' ? ', or lanyard.dev/protocol: "imds"' : ''}.` }
}

/** What cannot be looked into. */
function hidden(container: Container, few: readonly EnvVar[], delivery: Delivery): string[] {
  const warnings: string[] = []
  if (delivery !== 'direct' && isProxyHidden(few)) {
    warnings.push(`container ${container.name}: NO_PROXY comes from elsewhere (valueFrom); it must hold ${LOOPBACK}`)
  }
  if (list(container.envFrom).length > 0) {
    warnings.push(
      `container ${container.name}: envFrom cannot be looked into; AWS variables in it may win over Lanyard, or lose to it`,
    )
  }
  return warnings
}
