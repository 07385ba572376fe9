import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { epochOf, settle } from '../../../scripts/build/settle.ts'
import { type Told, tagProblems, versionProblems } from '../../../scripts/release/agree.ts'
import { basesIn } from '../../../scripts/release/bases.ts'
import { changelogProblems, readChangelog, releaseNotes } from '../../../scripts/release/changelog.ts'
import { layOutChart, nameImage, showImage } from '../../../scripts/release/chart.ts'
import { buildctlArguments, buildxArguments, isTarget, readBases } from '../../../scripts/release/imageBuild.ts'
import { differences, type ImageFile } from '../../../scripts/release/imageFile.ts'
import { readTold } from '../../../scripts/release/told.ts'
import { scratch } from '../../support/processes.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const digest = `sha256:${'ab'.repeat(32)}`

const log = (...versions: readonly string[]): string => `# Changelog\n\nHow to read it.\n\n${versions.join('\n')}`
const first = '## 0.1.0 (2026-01-02)\n\n### Do before upgrading\n\nNothing.\n\n### Changes that break\n\nNone.\n'
const second =
  '## 0.2.0 (not released)\n\n### Do before upgrading\n\nThis.\n\n### Changes that break\n\nThat.\n\n### New\n\n- A [page](docs/x.md#y), [one](https://example.com) and [here](#z).\n'

describe('the changelog', () => {
  const problems = (...versions: readonly string[]): readonly string[] =>
    changelogProblems(readChangelog(log(...versions)))

  test('is read: versions, dates, sections', () => {
    expect(
      readChangelog(log(second, first)).map(({ version, date, sections }) => ({ version, date, sections })),
    ).toEqual([
      { version: '0.2.0', date: undefined, sections: ['Do before upgrading', 'Changes that break', 'New'] },
      { version: '0.1.0', date: '2026-01-02', sections: ['Do before upgrading', 'Changes that break'] },
    ])
    expect(() => readChangelog(log('## Soon\n'))).toThrow('no version, or no date: ## Soon')
    expect(problems(second, first)).toEqual([])
  })

  test.each([
    ['a section is missing', [first.replace('### Changes that break', '')], '0.1.0 does not say "Changes that break"'],
    ['a section is unknown', [first.replace('None.', '### Misc\n')], '0.1.0 has a section "Misc"'],
    ['they are out of order', [second.replace('### New', '### Fixed\n\n### New')], 'out of order'],
    ['a version is there twice', [first, first], '0.1.0 is there twice'],
    ['an old one is not released', [first, second], '0.2.0 is older than the newest, and not released'],
  ])('says where %s', (_, versions, problem) =>
    expect(problems(...versions)).toEqual([expect.stringContaining(problem)]),
  )

  test('gives the notes of a release, whose links lead out', () => {
    const notes = releaseNotes(readChangelog(log(second, first)), '0.2.0', 'https://example.com/blob/v0.2.0')
    expect(notes).toContain(
      '[page](https://example.com/blob/v0.2.0/docs/x.md#y), [one](https://example.com) and [here](#z)',
    )
    expect(notes).not.toContain('0.1.0')
    expect(() => releaseNotes(readChangelog(log(first)), '0.3.0', '')).toThrow('CHANGELOG.md says nothing of 0.3.0')
  })
})

describe('versions', () => {
  const changelog = readChangelog(log(second, first))
  const told: Told = {
    manifest: '0.2.0',
    lock: '0.2.0',
    chart: '0.2.0',
    appVersion: '0.2.0',
    chartImages: '- name: lanyard\n  image: lanyard:0.2.0\n',
    changelog,
  }

  test('agree', () => expect(versionProblems(told)).toEqual([]))

  test.each([
    [{ lock: '0.1.0' }, 'package-lock.json is 0.1.0, and package.json says 0.2.0'],
    [{ chart: '0.1.0' }, 'the version of Chart.yaml is 0.1.0'],
    [{ appVersion: '0.1.0' }, 'the appVersion of Chart.yaml is 0.1.0'],
    [{ chartImages: '' }, 'the image in the annotations of Chart.yaml is not there'],
    [{ changelog: changelog.slice(1) }, 'the newest version of CHANGELOG.md is 0.1.0'],
    [{ changelog: [] }, 'the newest version of CHANGELOG.md is not there'],
  ])('disagree: %o', (change, problem) =>
    expect(versionProblems({ ...told, ...change })).toEqual([expect.stringContaining(problem)]),
  )

  test('a tag is of the version, and what it releases has a date', () => {
    expect(tagProblems('0.2.0', told)).toEqual([
      "the tag is 0.2.0, and package.json's version wants v0.2.0",
      'CHANGELOG.md calls the newest version "not released": give it its date',
    ])
    expect(tagProblems('v0.1.0', { ...told, manifest: '0.1.0', changelog: changelog.slice(1) })).toEqual([])
  })

  test('of this checkout agree, and the changelog can be acted on', () => {
    const here = readTold(root)
    expect([...versionProblems(here), ...changelogProblems(here.changelog)]).toEqual([])
  })
})

describe('the published chart', () => {
  const image = { repository: 'ghcr.io/somebody/lanyard', digest }

  test('names the image by its digest, and is otherwise the same', () => {
    const folder = join(scratch(), 'lanyard')
    layOutChart(root, folder, image)
    const values = (path: string): string => readFileSync(join(path, 'values.yaml'), 'utf8')
    expect(parse(values(folder)).image).toMatchObject(image)
    const { image: _, ...others } = parse(values(folder))
    const { image: __, ...before } = parse(values(join(root, 'charts/lanyard')))
    expect(others).toEqual(before)
    for (const name of ['values.yaml', 'README.md'])
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('No image is published yet')
    expect(readFileSync(join(folder, 'Chart.yaml'), 'utf8')).toContain(`image: ghcr.io/somebody/lanyard@${digest}\n`)
  })

  test('is not made of what is no image', () => {
    expect(() => nameImage('', { ...image, digest: 'sha256:ab' })).toThrow('no digest of an image: sha256:ab')
    expect(() => nameImage('', { ...image, repository: 'A\nb' })).toThrow('no repository of an image')
    expect(() => nameImage('image: {}', image)).toThrow('values.yaml has no image to name')
    expect(() => showImage('name: lanyard\n', image)).toThrow('Chart.yaml shows no image')
  })
})

describe('an image', () => {
  const build = {
    target: 'slim',
    platforms: ['linux/amd64', 'linux/arm64'],
    version: '0.2.0',
    revision: 'c0ffee',
    epoch: 1_767_312_000,
    source: 'https://example.com/x',
  } as const

  test('is built by docker and by buildctl with the same arguments', () => {
    const bases = { NODE_IMAGE: `node@${digest}` }
    const push = { kind: 'push', name: 'ghcr.io/a/b:1' } as const
    const args = buildxArguments(build, bases, push, { anew: true, metadata: '/m' })
    expect(args.join(' ')).toBe(
      `buildx build --target slim --platform linux/amd64,linux/arm64 --build-arg SOURCE_DATE_EPOCH=1767312000 --build-arg VERSION=0.2.0 --build-arg REVISION=c0ffee --build-arg CREATED=2026-01-02T00:00:00Z --build-arg SOURCE=https://example.com/x --build-arg NODE_IMAGE=node@${digest} --provenance=false --sbom=false --metadata-file /m --no-cache --output type=image,name=ghcr.io/a/b:1,push=true,rewrite-timestamp=true,oci-mediatypes=true,compression=gzip,force-compression=false .`,
    )
    expect(buildxArguments(build, bases, { kind: 'folder', path: 'f' }, { anew: false, metadata: '/m' })).toContain(
      'type=local,dest=f',
    )
    const layout = { folder: '/bases', bases: { 'node:1': digest } }
    const other = buildctlArguments(build, '/tree', layout, { kind: 'file', path: '/i.tar' }).join(' ')
    const given = args.filter((_, index) => args[index - 1] === '--build-arg' && !args[index]?.includes('IMAGE'))
    for (const one of given) expect(other).toContain(`--opt build-arg:${one} `)
    expect(other).toContain(`--opt context:node:1=oci-layout://bases@${digest}`)
    expect(other).toContain('--output type=oci,dest=/i.tar,rewrite-timestamp=true,')
    expect([isTarget('slim'), isTarget('sbom'), isTarget('toString')]).toEqual([true, false, false])
  })

  test('has bases, and takes them by digest alone', () => {
    expect([...basesIn(readFileSync(join(root, 'Dockerfile'), 'utf8')).keys()]).toEqual(['NODE_IMAGE', 'RUNTIME_IMAGE'])
    expect(readBases(`NODE_IMAGE=node:24@${digest}\n\n`)).toEqual({ NODE_IMAGE: `node:24@${digest}` })
    expect(() => readBases('NODE_IMAGE=node:24')).toThrow('no base by its digest: NODE_IMAGE=node:24')
    expect(() => readBases('\n')).toThrow('no base is named')
  })

  const layer = (name: string, listing = name) => ({ digest: `sha256:${name}`, listing })
  const file: ImageFile = { digest: 'sha256:1', config: '{\n "a": 1\n}', layers: [layer('x'), layer('y', 'f 1\ng 2')] }

  test('that is the same twice has no difference', () => expect(differences(file, { ...file })).toEqual([]))

  test('that is not says where', () => {
    const other: ImageFile = {
      digest: 'sha256:2',
      config: '{\n "a": 2\n}',
      layers: [layer('z', 'x'), layer('w', 'f 1\ng 3'), layer('v')],
    }
    expect(differences(file, other)).toEqual([
      'sha256:1 and sha256:2',
      'layer 1: the same names, sizes, modes and times: the content',
      'layer 2: "g 2" and "g 3"',
      'layer 3: "" and "v"',
      'the configuration: ""a": 1" and ""a": 2"',
    ])
    expect(differences(file, { ...file, digest: 'sha256:3' })).toEqual([
      'sha256:1 and sha256:3',
      'only the manifest differs',
    ])
    expect(differences(file, { ...file, digest: 'sha256:3', layers: [layer('x'), layer('u', 'f 1')] })[1]).toBe(
      'layer 2: "g 2" and "nothing more"',
    )
  })
})

describe('the files of an image', () => {
  test('have one time, and modes that no umask has made', () => {
    const folder = scratch()
    mkdirSync(join(folder, 'app'), { mode: 0o700 })
    writeFileSync(join(folder, 'app/read'), '')
    writeFileSync(join(folder, 'app/run'), '')
    chmodSync(join(folder, 'app/read'), 0o600)
    chmodSync(join(folder, 'app/run'), 0o700)
    settle(folder, 1_767_312_000)
    const told = ['', 'app', 'app/read', 'app/run'].map((name) => {
      const { mode, mtimeMs } = statSync(join(folder, name))
      return [(mode & 0o777).toString(8), mtimeMs / 1000]
    })
    expect(told).toEqual([
      ['755', 1_767_312_000],
      ['755', 1_767_312_000],
      ['644', 1_767_312_000],
      ['755', 1_767_312_000],
    ])
  })

  test('take it from SOURCE_DATE_EPOCH', () => {
    expect([epochOf({}), epochOf({ SOURCE_DATE_EPOCH: '' }), epochOf({ SOURCE_DATE_EPOCH: '12' })]).toEqual([0, 0, 12])
    expect(() => epochOf({ SOURCE_DATE_EPOCH: '2026-01-02' })).toThrow('no number of seconds since 1970: 2026-01-02')
  })
})
