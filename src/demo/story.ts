import { get } from 'node:http'
import { stringify } from 'yaml'
import { Failure } from '../errors/index.ts'
import { formatDiff } from '../terminal/diff.ts'
import type { Report } from '../terminal/report.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'
import type { Child } from './child.ts'
import { ACCOUNT, deployment, NAMESPACE, podOf, ROLE, SERVICE_ACCOUNT } from './deployment.ts'
import { type DemoPod, type Identity, preparePod } from './pod.ts'
import { admitPod } from './review.ts'
import { type Stage, startDemoWebhook } from './stage.ts'
import { foldSidecar, mappingTable, shortMetrics } from './view.ts'

type Telling = { readonly stage: Stage; readonly report: Report; readonly style: Style; readonly full: boolean }

/** The way of one pod and of one credential, each step for real. Throws Failure at the first that does not hold. */
export async function tellStory(telling: Telling): Promise<DemoPod> {
  showOutside(telling)
  const pod = await tellAdmission(telling)
  const sidecar = await tellStart(telling, pod)
  const first = await tellIdentity(telling, pod)
  const second = await tellRenewal(telling, pod, sidecar, first)
  await tellOutage(telling, pod, sidecar, second)
  await tellMetrics(telling, pod)
  return pod
}

function showOutside({ stage, report }: Telling): void {
  const { issuer, sts, trusted } = stage.outside
  const trusts = `trusts ${NAMESPACE}/${trusted}${trusted === SERVICE_ACCOUNT ? '' : `, and not ${NAMESPACE}/${SERVICE_ACCOUNT}`}`
  report.step('outside', 'A cluster with an OIDC issuer, and an AWS account that trusts it')
  report.show(
    formatTable([
      ['issuer', issuer.url, 'signs service account tokens'],
      ['STS', sts.url, 'verifies what AWS verifies'],
      ['role', `arn:aws:iam::${ACCOUNT}:role/${ROLE}`, trusts],
    ]),
    { issuer: issuer.url, sts: sts.url },
  )
}

const PLUMBING = "The app's own variables and volume only point it at the demo's STS."

async function tellAdmission({ stage, report, style, full }: Telling): Promise<DemoPod> {
  report.step('admission', 'A Deployment asks for a role, and its pod goes through the webhook')
  const url = await startDemoWebhook(stage)
  const { sts, ca } = stage.outside
  const { template, whole } = deployment(sts.url)
  report.show(`${stringify(whole)}\n${PLUMBING}\n\nWhat the webhook makes of its pod:\n`, { deployment: whole })
  const before = podOf(template)
  const { pod, operations, warnings } = await admitPod(url, ca.pem, before)
  const shown = { lineWidth: 0 }
  report.show(formatDiff(stringify(before, shown), stringify(full ? pod : foldSidecar(pod), shown), style), {
    webhook: url,
    operations,
    warnings,
    pod,
  })
  const again = await admitPod(url, ca.pem, pod)
  if (again.operations > 0)
    throw new Failure({ code: 'DemoFailed', message: 'a second pass through the webhook changed the pod again' })
  report.show(`${operations} operations of JSON Patch; a second pass changes nothing.`, {
    secondPass: again.operations,
  })
  return preparePod(stage, pod)
}

async function tellStart({ stage, report }: Telling, pod: DemoPod): Promise<Child> {
  report.step('start', 'The patched pod starts: each of its places is one of this machine')
  const { sidecar: lanyard, app } = pod.mapping
  report.show(mappingTable(stage.root, { lanyard, app }), { mapping: pod.mapping })
  report.show('\nWaiting for the start gate …', {})
  const sidecar = await pod.startSidecar()
  report.show('The sidecar exchanged its token, and the start gate let the app start.', { gate: 'open' })
  return sidecar
}

async function tellIdentity({ report, style }: Telling, pod: DemoPod): Promise<Identity> {
  report.step('identity', 'The app asks AWS who it is: an AWS SDK as it is, and no key')
  const identity = await pod.runApp()
  report.show(
    `${style.bold(style.green(identity.arn))}\nwith the access key ${identity.accessKeyId}, which expires at ${identity.expiration}`,
    identity,
  )
  return identity
}

async function tellRenewal({ report }: Telling, pod: DemoPod, sidecar: Child, before: Identity): Promise<Identity> {
  report.step('renewal', "31 minutes pass (by the sidecar's clock): credentials are renewed")
  sidecar.send({ aheadMinutes: 31 })
  // A node that was suspended: what is due is noticed when somebody asks, and whoever asks is served what is held.
  await pod.runApp()
  await sidecar.said(/(credentials obtained[\s\S]*){2}/)
  const after = await pod.runApp()
  if (after.accessKeyId === before.accessKeyId)
    throw new Failure({ code: 'DemoFailed', message: 'the credentials were not renewed' })
  report.show(`${before.accessKeyId} → ${after.accessKeyId}, without a failed call`, {
    before: before.accessKeyId,
    after: after.accessKeyId,
  })
  return after
}

async function tellOutage({ stage, report }: Telling, pod: DemoPod, sidecar: Child, before: Identity): Promise<void> {
  report.step('outage', 'STS fails, and 31 minutes more pass: nobody notices')
  const { sts } = stage.outside
  sts.faults.set({ kind: 'unavailable', action: 'AssumeRoleWithWebIdentity' })
  sidecar.send({ aheadMinutes: 31 })
  const during = await pod.runApp()
  await sidecar.said(/credentials not obtained/)
  const failures = sts.requests.filter(
    ({ action, status }) => action === 'AssumeRoleWithWebIdentity' && status >= 500,
  ).length
  if (during.accessKeyId !== before.accessKeyId || failures === 0)
    throw new Failure({ code: 'DemoFailed', message: 'the outage did not show as it should' })
  report.show(`STS answered 503 to ${failures} renewal(s); the app goes on with ${during.accessKeyId}`, {
    failures,
    accessKeyId: during.accessKeyId,
  })
  sts.faults.clear()
}

async function tellMetrics({ report, full }: Telling, pod: DemoPod): Promise<void> {
  report.step('metrics', 'What Prometheus scrapes')
  const text = await fetchText(`http://127.0.0.1:${pod.ports.metrics}/metrics`)
  report.show(
    full
      ? text.trimEnd()
      : `${shortMetrics(text)}
(and more, with --full)`,
    { metrics: text },
  )
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
    }).on('error', reject)
  })
}
