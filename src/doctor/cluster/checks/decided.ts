import { type AdmissionOutcome, speaksItself } from '../../../injection/index.ts'
import { ANNOTATION_PREFIX, nearest, STATUS_ANNOTATION } from '../../../settings/index.ts'
import { asCommand } from '../../../terminal/shell.ts'
import type { Ground, Subject } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { changesOf } from '../changes.ts'
import { denied } from '../denied.ts'
import { grouped } from '../grouped.ts'
import { forAll } from '../memo.ts'
import { annotationsOf, createdAt, type JsonObject, nameOf, textAt } from '../objects.ts'
import { isInjected, isOver } from '../pods.ts'

const FEW = 8

/** What the webhook's own code says of the pods as they are, and whether that is what they have. */
export const decided: Check<Ground> = {
  id: 'decision',
  title: 'Lanyard would inject the pods, and has',
  needs: ['target'],
  unless: ['installed', 'configuration'],
  look: async (ground) => {
    if ((await ground.configuration()) === undefined)
      return [{ verdict: 'skip', message: 'the policy decides, which is asked by the dry run' }]
    const subjects = (await ground.subjects()).filter(({ pod, isLive }) => !isLive || !isOver(pod))
    const findings = await forAll(subjects, FEW, (subject) => judge(subject, ground))
    return grouped(findings.flat())
  },
}

async function judge(subject: Subject, ground: Ground): Promise<readonly Finding[]> {
  const outcome = await ground.decision(subject)
  switch (outcome?.kind) {
    case undefined:
      return []
    case 'deny':
      return await denied(subject, outcome.problems, ground)
    case 'skip':
      return await skipped(subject, outcome, ground)
    case 'inject':
      return await injected(subject, outcome, ground)
  }
}

type Skip = Extract<AdmissionOutcome, { readonly kind: 'skip' }>

/** That nothing is asked for is worth a word to who asks about that pod alone. */
async function skipped(subject: Subject, { reason }: Skip, ground: Ground): Promise<readonly Finding[]> {
  if (subject.isLive && isInjected(subject.pod)) return [leftover(subject)]
  const isNamed = !['installation', 'namespace', 'serviceaccount'].includes(ground.target.kind)
  if (!isNamed && reason === 'OptedOut') return []
  const silent = reason === 'NotRequested' ? (misspelled(subject) ?? (await unheard(subject, ground))) : undefined
  if (silent !== undefined) return [silent]
  return [{ verdict: 'warn', code: reason, subject: subject.title, message: 'it gets no sidecar' }]
}

const leftover = ({ title, renew }: Subject): Finding => ({
  verdict: 'warn',
  code: 'PodOutdated',
  subject: title,
  message: 'it has what Lanyard makes, and would not get it now',
  fix: `If that is meant: ${renew}.`,
})

/** An annotation that was meant for Lanyard, behind a prefix that is nearly Lanyard's: nobody denies it. */
function misspelled({ pod, title }: Subject): Finding | undefined {
  const own = ANNOTATION_PREFIX.slice(0, -1)
  const name = Object.keys(annotationsOf(pod)).find((each) => {
    const [prefix = '', ...rest] = each.split('/')
    return rest.length === 1 && prefix !== own && nearest(prefix, [own]) !== ''
  })
  if (name === undefined) return undefined
  const right = `${ANNOTATION_PREFIX}${name.split('/')[1]}`
  const message = `its annotation ${name.slice(0, 120)} is nobody's`
  return {
    verdict: 'fail',
    code: 'AnnotationUnknown',
    subject: title,
    message,
    fix: `Write it ${right.slice(0, 120)}.`,
  }
}

/** Where its account or its namespace speaks for it, and nobody listens. */
async function unheard(subject: Subject, ground: Ground): Promise<Finding | undefined> {
  if (speaksItself(subject.pod)) return undefined
  const speakers = [await ground.serviceAccountOf(subject), await ground.namespaceOf(subject)]
  const [speaker] = speakers.filter((each): each is JsonObject =>
    Object.keys(annotationsOf(each)).some(
      (name) => name.startsWith(ANNOTATION_PREFIX) && name !== `${ANNOTATION_PREFIX}permitted-roles`,
    ),
  )
  if (speaker === undefined) return undefined
  const { namespace, title } = subject
  const who = speaker === speakers[0] ? `its ServiceAccount ${nameOf(speaker)}` : `namespace ${namespace}`
  return {
    verdict: 'fail',
    code: 'PodNotInjected',
    subject: title,
    message: `${who} has Lanyard's annotations, but the pod does not ask, and the namespace does not ask for all of its pods`,
    fix: `Annotate the pod template with lanyard.dev/inject: "true", or label the namespace: ${asCommand(`kubectl label namespace ${namespace} lanyard.dev/injection=enabled`)}.`,
  }
}

type Inject = Extract<AdmissionOutcome, { readonly kind: 'inject' }>

async function injected(subject: Subject, { patch }: Inject, ground: Ground): Promise<readonly Finding[]> {
  const { isLive, pod, title, renew } = subject
  if (!isLive || patch.length === 0) return []
  const found = await ground.installation()
  if (!isInjected(pod)) return [notInjected(subject, found && createdAt(found.object))]
  const version = (await ground.configuration())?.version
  const was = statusVersionOf(pod)
  const message =
    was === version
      ? `its settings or the operator's have changed: ${changesOf(patch, pod)}`
      : `it was injected by Lanyard ${was ?? 'of another version'}, and the cluster has ${version}`
  return [{ verdict: 'warn', code: 'PodOutdated', subject: title, message, fix: `${renew}.` }]
}

function notInjected({ title, pod, renew }: Subject, installed: number | undefined): Finding {
  const [made, since] = [createdAt(pod), installed]
  const isOlder = made !== undefined && since !== undefined && made < since
  const message = isOlder
    ? `it is older than Lanyard here (${iso(made)}, ${iso(since)}), and would get a sidecar now`
    : 'it has no sidecar and would get one now: the annotation, the ServiceAccount or the settings have changed since it was made'
  return { verdict: 'fail', code: 'PodNotInjected', subject: title, message, fix: `${renew}.` }
}

const iso = (at: number): string => new Date(at).toISOString()

function statusVersionOf(pod: JsonObject): string | undefined {
  try {
    return textAt(JSON.parse(annotationsOf(pod)[STATUS_ANNOTATION] ?? ''), 'version')
  } catch {
    return undefined
  }
}
