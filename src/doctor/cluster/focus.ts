import type { Ground, Subject } from '../ground.ts'
import type { Finding } from '../types.ts'
import { forAll } from './memo.ts'
import { canTell, troubleOf } from './pods.ts'

const FEW = 8
/** Of a large cluster so many, the most troubled: `lanyard status` is for all. */
export const MOST_ASKED = 100

/** That there were more. */
export const leftOut = ({ length }: readonly unknown[]): readonly Finding[] =>
  length > MOST_ASKED
    ? [{ verdict: 'skip', message: `of ${length} pods the ${MOST_ASKED} most troubled were looked at` }]
    : []

/**
 * The one of the subjects, the most troubled first, that is looked at in depth: one whose sidecar does not run, else one whose
 * sidecar tells of a failure, else any with a sidecar. Undefined where there are none.
 */
export async function chooseFocus(subjects: readonly Subject[], story: Ground['story']): Promise<Subject | undefined> {
  const telling = subjects.filter(canTell)
  const [first, ...others] = telling
  if (first === undefined) return subjects[0]
  if (others.length === 0 || troubleOf(first.pod) === 0) return first
  const asked = telling.slice(0, MOST_ASKED)
  const stories = await forAll(asked, FEW, story)
  return asked.find((_, index) => (stories[index]?.failing.length ?? 0) > 0) ?? first
}
