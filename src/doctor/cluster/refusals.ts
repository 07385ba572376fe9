import type { Code } from '../../errors/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import type { Finding } from '../types.ts'
import { problemsIn, quoted } from './words.ts'

/** Where it was refused, for the advice. */
export type Refused = {
  readonly subject: string
  readonly namespace: string
  /** Of the webhook: its namespace and the name of its objects; undefined where they cannot be known. */
  readonly webhook?: { readonly namespace: string; readonly name: string } | undefined
}

type Row = {
  readonly says: RegExp
  readonly code: Code
  /** Undefined leaves the table's. */
  readonly fix?: (match: RegExpExecArray, refused: Refused) => string
}

/** What the API server says of a webhook of ours that it could not ask. The first row that fits counts. */
const CALLS: readonly Row[] = [
  {
    says: /x509: certificate has expired/,
    code: 'WebhookAuthorityWrong',
    fix: (_, refused) =>
      `Look at the clocks of the control plane and of the nodes; then ${restart(refused)}, which makes a new certificate.`,
  },
  {
    says: /x509: certificate is valid for|x509: certificate is not valid for/,
    code: 'WebhookAuthorityWrong',
    fix: (_, refused) => `Serve a certificate for the DNS name ${hostOf(refused)}.`,
  },
  { says: /x509: |tls: |certificate/, code: 'WebhookAuthorityWrong' },
  {
    says: /connection refused|no endpoints available/,
    code: 'WebhookDown',
    fix: (_, { webhook }) =>
      `Look at its pods: ${asCommand(`kubectl -n ${webhook?.namespace ?? 'lanyard-system'} get pods -l app.kubernetes.io/component=webhook`)}.`,
  },
  {
    says: /service "?[\w.-]+"? not found/,
    code: 'WebhookDown',
    fix: (_, { webhook }) =>
      `Run helm upgrade, or, if Lanyard was uninstalled: ${asCommand(`kubectl delete mutatingwebhookconfiguration ${webhook?.name ?? 'lanyard-webhook'}`)}.`,
  },
]

const restart = ({ webhook }: Refused): string =>
  asCommand(
    `kubectl -n ${webhook?.namespace ?? 'lanyard-system'} rollout restart deployment/${webhook?.name ?? 'lanyard-webhook'}`,
  )
const hostOf = ({ webhook }: Refused): string =>
  `${webhook?.name ?? 'lanyard-webhook'}.${webhook?.namespace ?? 'lanyard-system'}.svc`

/** What else the API server refuses pods for. */
const REFUSALS: readonly Row[] = [
  {
    says: /exceeded quota: ([\w.-]+)/,
    code: 'QuotaExceeded',
    fix: ([, name], { namespace }) =>
      `Raise ResourceQuota ${name} of namespace ${namespace} (${asCommand(`kubectl -n ${namespace} describe resourcequota ${name}`)}) by what the message says is requested, or lower lanyard.dev/sidecar-cpu-request, sidecar-memory-request and the limits of the same names on the pod.`,
  },
  {
    says: /failed quota: ([\w.-]+): must specify (.{1,200})/,
    code: 'QuotaExceeded',
    fix: ([, name, what], { namespace }) =>
      `Let the containers say what ResourceQuota ${name} of namespace ${namespace} asks for: ${what}.`,
  },
  {
    says: /insufficient quota to match these scopes/,
    code: 'QuotaExceeded',
    fix: (_, { namespace }) =>
      `Make a ResourceQuota in namespace ${namespace} that has the priority class in its scope.`,
  },
  {
    says: /(?:maximum|minimum) (cpu|memory|[\w./-]+) usage per (Container|Pod)|(?:cpu|memory) max limit to request ratio/,
    code: 'QuotaExceeded',
    fix: (_, { namespace }) =>
      `Change the LimitRange of namespace ${namespace} (${asCommand(`kubectl -n ${namespace} describe limitrange`)}), or set lanyard.dev/sidecar-cpu-request, sidecar-memory-request and the limits of the same names within it.`,
  },
  {
    says: /violates PodSecurity "?([\w:.-]+)"?/,
    code: 'PodRefused',
    fix: ([, level], { namespace }) =>
      `Change what the message names of the pod's own containers (Lanyard's fits "restricted"), or the label pod-security.kubernetes.io/enforce of namespace ${namespace}, which is ${level}.`,
  },
  {
    says: /ValidatingAdmissionPolicy '([\w.-]*-guard-[\w.-]+)'/,
    code: 'PodRefused',
    fix: ([, policy]) =>
      `Do as the message says: ${policy} is Lanyard's guard, which holds pods to the roles that their namespace is permitted.`,
  },
  {
    says: /ValidatingAdmissionPolicy '([\w.-]+)'/,
    code: 'PodRefused',
    fix: ([, policy]) => `Do as the message says; it is the policy ${policy}.`,
  },
  {
    says: /failed calling webhook "([\w.-]+)"/,
    code: 'PodRefused',
    fix: ([, name]) => `Look at the webhook ${name}: it is not Lanyard's.`,
  },
  {
    says: /admission webhook "([\w.-]+)" denied the request/,
    code: 'PodRefused',
    fix: ([, name]) => `Do as the message says; it is the webhook ${name}, which is not Lanyard's.`,
  },
  {
    says: /error looking up service account [\w.-]+\/([\w.-]+)/,
    code: 'PodRefused',
    fix: ([, name], { namespace }) =>
      `${asCommand(`kubectl -n ${namespace} create serviceaccount ${name}`)}, or correct serviceAccountName.`,
  },
  {
    says: /is being terminated|namespaces "[\w.-]+" not found/,
    code: 'PodRefused',
    fix: (_, { namespace }) => `Look at namespace ${namespace}: it is not there, or is being deleted.`,
  },
  {
    says: /no PriorityClass with name ([\w.-]+)/,
    code: 'PodRefused',
    fix: ([, name]) => `Correct priorityClassName: there is no ${name}.`,
  },
]

const CALL = /failed calling webhook "[a-z]+\.lanyard\.dev"/
/** The caller may not create pods at all: RBAC's words, not those of admission. */
export const isOwnLack = (words: string): boolean =>
  /^pods (?:"[\w.-]*" )?is forbidden: User "/.test(words) || /cannot create resource "pods"/.test(words)

/** What the words of the API server mean, by which it refused to make a pod. */
export function explainRefusal(words: string, refused: Refused): readonly Finding[] {
  if (CALL.test(words)) return [inRow(CALLS, words, refused) ?? unreachable(words, refused)]
  const problems = isLanyards(words) ? problemsIn(words) : []
  if (problems.length > 0)
    return problems.map(({ code, message }) => ({ verdict: 'fail', code, subject: refused.subject, message }))
  return [inRow(REFUSALS, words, refused) ?? { ...found(words, refused), code: 'PodRefused' }]
}

const isLanyards = (words: string): boolean =>
  /admission webhook "[a-z]+\.lanyard\.dev" denied/.test(words) || words.includes('Lanyard cannot inject this pod')

const found = (words: string, { subject }: Refused) => ({ verdict: 'fail', subject, message: quoted(words) }) as const

const unreachable = (words: string, refused: Refused): Finding => ({
  ...found(words, refused),
  code: 'WebhookUnreachable',
})

function inRow(rows: readonly Row[], words: string, refused: Refused): Finding | undefined {
  for (const { says, code, fix } of rows) {
    const match = says.exec(words)
    if (match !== null) return { ...found(words, refused), code, ...(fix && { fix: fix(match, refused) }) }
  }
  return undefined
}
