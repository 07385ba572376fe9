import { type Area, type Code, codes, describe } from '../../src/errors/index.ts'
import { heading, table } from './markdown.ts'

type Place = {
  /** Where one meets the codes of an area. */
  readonly seen: string
  /** The alerts that fire for them, where any do. */
  readonly alerts: readonly string[]
}

const renewal = ['LanyardRefreshFailing', 'LanyardCredentialsAbsent']
const sidecar = '`kubectl describe pod`, log of `lanyard`'

const places: Readonly<Record<Area, Place>> = {
  admission: { seen: '`kubectl apply`, events of the controller', alerts: ['LanyardAdmissionDenials'] },
  skip: { seen: 'log of the webhook', alerts: [] },
  review: { seen: 'log of the webhook', alerts: ['LanyardAdmissionRefusals'] },
  token: { seen: sidecar, alerts: renewal },
  provider: { seen: sidecar, alerts: renewal },
  saml: { seen: sidecar, alerts: renewal },
  sts: { seen: sidecar, alerts: renewal },
  endpoint: { seen: "the app's SDK", alerts: ['LanyardEndpointUnavailable'] },
  user: { seen: 'answer of the broker, its log', alerts: ['LanyardUserCredentialsFailing'] },
  cluster: { seen: 'log of the webhook', alerts: ['LanyardWebhookDown', 'LanyardWatchStale'] },
  issuer: { seen: '`lanyard setup issuer`, `lanyard doctor`', alerts: [] },
  trust: { seen: '`lanyard setup lint`, `lanyard doctor`', alerts: [] },
  doctor: { seen: '`lanyard doctor`', alerts: [] },
  process: { seen: 'standard error of a command', alerts: [] },
}

/** docs/reference/codes.md: every code in one table, by its name. */
export const codesPage = (): string =>
  [
    heading('Codes', 'For whoever has a code in front of them: all of them by name, each in a line.'),
    'The code leads to [errors](errors.md), which has them by where they are met, with what is tried again and when. From',
    'what you see to a code: [troubleshooting](../operators/troubleshooting.md).',
    '',
    table(
      ['Code', 'Met in', 'Cause', 'What to change', 'Alert'],
      (Object.keys(codes) as Code[]).toSorted(byName).map(rowOf),
    ),
  ].join('\n')

/** Without regard to the language of whoever runs it. */
const byName = (one: string, other: string): number => (one < other ? -1 : 1)

function rowOf(name: Code): readonly string[] {
  const { area, cause, fix } = describe(name)
  const { seen, alerts } = places[area]
  const runbooks = alerts.map((alert) => `[${alert.replace(/^Lanyard/, '')}](alerts.md#${alert})`)
  return [`[\`${name}\`](errors.md#${name})`, seen, cause, fix, runbooks.join(', ')]
}
