/** CHANGELOG.md as something to act on: each version says what to do first, then what breaks, then what is new. */

/** The sections that a version may have, in this order. */
export const SECTIONS = ['Do before upgrading', 'Changes that break', 'New', 'Fixed', 'Security'] as const
export type Section = (typeof SECTIONS)[number]

/** These every version has, if only to say that there is nothing: nobody has to guess whether they were forgotten. */
const ALWAYS: readonly Section[] = ['Do before upgrading', 'Changes that break']

export type Entry = {
  readonly version: string
  /** `YYYY-MM-DD`, or undefined where it says that it is not released. */
  readonly date: string | undefined
  /** What stands below the heading. */
  readonly body: string
  /** The headings of its sections, as they are. */
  readonly sections: readonly string[]
}

const HEADING = /^## (\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?) \((\d{4}-\d{2}-\d{2}|not released)\)$/

/** The versions, newest first. Throws for a heading that is no version with its date, or `not released` in its place. */
export function readChangelog(text: string): readonly Entry[] {
  const [, ...parts] = text.split(/^(?=## )/m)
  return parts.map((part) => {
    const [heading = '', ...lines] = part.split('\n')
    const [, version, date] = HEADING.exec(heading) ?? []
    if (version === undefined) throw new Error(`no version, or no date: ${heading}`)
    const sections = lines.flatMap((line) => /^### (.*)$/.exec(line)?.[1] ?? [])
    return { version, date: date === 'not released' ? undefined : date, body: lines.join('\n').trim(), sections }
  })
}

/** What keeps an operator from acting on it, a sentence each. */
export function changelogProblems(entries: readonly Entry[]): readonly string[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, index) => {
    const twice = seen.has(entry.version) ? [`${entry.version} is there twice`] : []
    seen.add(entry.version)
    const late =
      index > 0 && entry.date === undefined ? [`${entry.version} is older than the newest, and not released`] : []
    return [...twice, ...late, ...sectionProblems(entry)]
  })
}

function sectionProblems({ version, sections }: Entry): readonly string[] {
  const known: readonly string[] = SECTIONS
  const unknown = sections.filter((name) => !known.includes(name))
  const missing = ALWAYS.filter((name) => !sections.includes(name))
  const wanted = known.filter((name) => sections.includes(name))
  const ordered = unknown.length > 0 || wanted.join() === sections.join()
  return [
    ...unknown.map((name) => `${version} has a section "${name}", which is none of ${SECTIONS.join(', ')}`),
    ...missing.map((name) => `${version} does not say "${name}", if only that there is nothing`),
    ...(ordered ? [] : [`${version} has its sections out of order, or one of them twice: ${sections.join(', ')}`]),
  ]
}

/** The notes of a release: what its version says, with links to pages made absolute. Throws where the version is not there. */
export function releaseNotes(entries: readonly Entry[], version: string, pages: string): string {
  const found = entries.find((entry) => entry.version === version)
  if (found === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return `${found.body.replaceAll(/\]\((?!https?:|#)/g, `](${pages}/`)}\n`
}
