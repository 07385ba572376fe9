import type { Entry } from './changelog.ts'

/** What the files of a checkout say of its version. */
export type Told = {
  /** Of `package.json`, and of the lock file beside it. */
  readonly manifest: string
  readonly lock: string
  readonly chart: string
  readonly appVersion: string
  /** The image that the chart's annotations show. */
  readonly chartImages: string
  readonly changelog: readonly Entry[]
}

/** Where they say different things, a sentence each: all of them say what package.json says. */
export function versionProblems(told: Told): readonly string[] {
  const { manifest } = told
  const others: readonly (readonly [where: string, version: string | undefined])[] = [
    ['package-lock.json', told.lock],
    ['the version of Chart.yaml', told.chart],
    ['the appVersion of Chart.yaml', told.appVersion],
    ['the newest version of CHANGELOG.md', told.changelog[0]?.version],
    ['the image in the annotations of Chart.yaml', /image: \S*:(\S+)$/m.exec(told.chartImages)?.[1]],
  ]
  return others
    .filter(([, version]) => version !== manifest)
    .map(([where, version]) => `${where} is ${version ?? 'not there'}, and package.json says ${manifest}`)
}

/** What keeps a tag from being released, a sentence each: it is `vVERSION`, and the changelog has a date for it. */
export function tagProblems(tag: string, { manifest, changelog }: Told): readonly string[] {
  const name = tag === `v${manifest}` ? [] : [`the tag is ${tag}, and package.json's version wants v${manifest}`]
  const [newest] = changelog
  const open =
    newest?.date === undefined ? ['CHANGELOG.md calls the newest version "not released": give it its date'] : []
  return [...name, ...open]
}
