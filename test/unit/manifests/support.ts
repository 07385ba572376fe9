import { admit } from '../../../src/injection/index.ts'
import {
  type InjectOptions,
  injectManifests,
  joinTexts,
  type ManifestFile,
  parseManifests,
  type Result,
} from '../../../src/manifests/index.ts'
import { gen } from '../../support/gen.ts'

export const file = (text: string, name = 'web.yaml'): ManifestFile => ({ name, text })

export const decide: InjectOptions['decide'] = async (pod, namespace) =>
  admit(
    pod,
    gen.context({}, { namespace, sources: { serviceAccount: { name: 'default', annotations: {} }, namespace: {} } }),
  )

/** What becomes of a stream, by the webhook's own decision and a configuration for tests. */
export const inject = (...texts: readonly string[]): Promise<readonly Result[]> =>
  injectManifests(parseManifests(texts.map((text, index) => file(text, `${index}.yaml`))), {
    decide,
    namespace: 'default',
  })

/** Its text. Throws where it cannot be written. */
export async function injected(...texts: readonly string[]): Promise<string> {
  const results = await inject(...texts)
  const problems = results.flatMap((result) => result.problems)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return joinTexts(results)
}

/** The lines that are new, where no other has changed; throws where one has. */
export function addedLines(before: string, after: string): readonly string[] {
  const old = before.split('\n')
  const added: string[] = []
  for (const line of after.split('\n')) {
    if (line === old[0]) old.shift()
    else added.push(line)
  }
  if (old.length > 0) throw new Error(`not there any more, or elsewhere: ${old[0]}`)
  return added
}
