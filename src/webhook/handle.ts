import { toFailure } from '../errors/index.ts'
import type { AdmissionOutcome } from '../injection/types.ts'
import type { Log, LogFields } from '../terminal/log.ts'
import { answerInternal, answerOutcome, textOf } from './answer.ts'
import type { Review } from './review.ts'
import type { Admit, Entry, ReviewMetrics, ReviewResult } from './types.ts'

type Parts = {
  readonly admit: Admit
  readonly entry: Entry
  readonly log: Log
  readonly metrics: ReviewMetrics
  /** Seconds since the request came in. */
  readonly elapsed: () => number
}

type Decided = {
  readonly body: string
  readonly status: 200 | 500
  readonly result: ReviewResult
  readonly reasons: readonly string[]
  readonly fields: LogFields
}

/** Decides, answers, and then tells the log and the metrics: one line per review, never the pod. */
export async function handleReview(
  review: Review,
  parts: Parts,
  send: (body: string, status: number) => void,
): Promise<void> {
  const decided = await decideReview(review, parts)
  send(decided.body, decided.status)
  const seconds = parts.elapsed()
  parts.metrics.admission(decided.result, decided.reasons[0] ?? 'other', seconds)
  const { result, reasons, fields } = decided
  const line = { ...headOf(review), outcome: result, reasons, ...fields, seconds }
  parts.log[result === 'error' ? 'error' : 'info']('admission review answered', line)
}

/**
 * Anything thrown on the way to the finished answer refuses the pod; but at EKS's entry, where pods ask nothing of Lanyard,
 * the entry's failurePolicy is to say what becomes of them.
 */
async function decideReview(review: Review, { admit, entry }: Parts): Promise<Decided> {
  try {
    const outcome = await outcomeOf(review, admit, entry)
    return {
      status: 200,
      body: textOf(answerOutcome(review.uid, outcome)),
      result: outcome.kind,
      reasons: reasonsOf(outcome),
      fields: {
        warnings: outcome.warnings.length,
        patchOperations: outcome.kind === 'inject' ? outcome.patch.length : 0,
      },
    }
  } catch (thrown) {
    const body = textOf(answerInternal(review.uid))
    const error = toFailure(thrown)
    return { body, status: entry === 'eks' ? 500 : 200, result: 'error', reasons: [error.code], fields: { error } }
  }
}

async function outcomeOf(review: Review, admit: Admit, entry: Entry): Promise<AdmissionOutcome> {
  if (!review.podCreation) return { kind: 'skip', reason: 'NotAPodCreation', warnings: [] }
  return await admit(review.object, { namespace: review.namespace, entry })
}

function reasonsOf(outcome: AdmissionOutcome): readonly string[] {
  if (outcome.kind === 'inject') return [outcome.patch.length === 0 ? 'Unchanged' : 'Patched']
  if (outcome.kind === 'skip') return [outcome.reason]
  return [...new Set(outcome.problems.map(({ code }) => code))]
}

function headOf({ uid, namespace, name, generateName, operation, dryRun }: Review): LogFields {
  return { uid, namespace, ...(name === '' ? { generateName } : { name }), operation, dryRun }
}
