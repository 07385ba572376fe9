import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { annotationsPage } from '../../../scripts/docs/annotations.ts'
import { errorsPage } from '../../../scripts/docs/errors.ts'
import { identityProvidersPage } from '../../../scripts/docs/identityProviders.ts'
import { metricsPage } from '../../../scripts/docs/metrics.ts'
import { roomsPage } from '../../../scripts/docs/rooms.ts'
import { EXAMPLE_FILE, settingsPage } from '../../../scripts/docs/settings.ts'
import { rooms } from '../../../scripts/rooms.ts'
import { codes } from '../../../src/errors/index.ts'
import { metrics } from '../../../src/metrics/index.ts'
import {
  annotationOf,
  flagOf,
  identityProviderKinds,
  podEntries,
  readConfig,
  settingsOf,
  userProviderKinds,
  userRoleKinds,
  variableOf,
} from '../../../src/settings/index.ts'

const committed = (name: string): string =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8')
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name ?? '')
/** What stands below a heading of the second level. */
const chapterOf = (page: string, title: string): string =>
  (committed(page).split(`\n## ${title}\n`)[1] ?? '').split('\n## ')[0] ?? ''
/** In any order, none twice. */
const sorted = (names: Iterable<string>): string[] => [...names].sort()

/** What the code has, and what the pages that people read have: the same, in both directions. */
describe('the reference has exactly what the code has', () => {
  test('annotations', () => {
    const onPage = all(committed('annotations.md'), /^\| <a id="[^"]*"><\/a>`([^`]*)`/gm)
    expect(sorted(onPage)).toEqual(sorted(podEntries.map(([key]) => annotationOf(key))))
  })

  test('settings of the webhook, with variable and flag', () => {
    const rows = all(committed('settings.md'), /^\| <a id="[^"]*"><\/a>(.*) \|$/gm).map((row) => row.split(' | '))
    const onPage = rows.map((cells) => [cells[0], cells.at(-2), cells.at(-1)].join(' '))
    const inCode = settingsOf('webhook').map(([key]) => `\`${key}\` \`${variableOf(key)}\` \`--${flagOf(key)}\``)
    expect(sorted(onPage)).toEqual(sorted(inCode))
  })

  test('variables of the sidecar', () => {
    const inCode = [
      ...settingsOf('sidecar').map(([key]) => variableOf(key)),
      ...podEntries.flatMap(([, { env }]) => (env === undefined ? [] : [env])),
    ]
    expect(sorted(all(chapterOf('settings.md', 'The sidecar'), /^\| `([^`]*)`/gm))).toEqual(sorted(inCode))
  })

  test('variables of the broker', () => {
    const inCode = settingsOf('broker').map(([key]) => variableOf(key))
    expect(sorted(all(chapterOf('settings.md', 'The broker'), /^\| `([^`]*)`/gm))).toEqual(sorted(inCode))
  })

  test.each([
    ['identityProviders', identityProviderKinds],
    ['userProviders', userProviderKinds],
    ['userRoles', userRoleKinds],
  ])('the fields of each kind of %s', (setting, kinds) => {
    const page = committed('identity-providers.md')
    for (const [kind, fields] of Object.entries(kinds)) {
      const [, section = ''] = page.split(`<a id="${setting}.${kind}"></a>`)
      const onPage = all(section.split('\n#')[0] ?? '', /^\| `([^`]*)`/gm)
      expect(sorted(onPage), kind).toEqual(sorted(Object.keys(fields)))
    }
    const onPage = all(page, new RegExp(`<a id="${setting}\\.([^"]*)"`, 'g'))
    expect(sorted(onPage)).toEqual(sorted(Object.keys(kinds)))
  })

  test('errors', () => {
    expect(sorted(all(committed('errors.md'), /^### <a id="([^"]*)"/gm))).toEqual(sorted(Object.keys(codes)))
  })

  test('metrics, in each process that has them', () => {
    const inCode = Object.entries(metrics).flatMap(([name, entry]) =>
      entry.processes.map((process) => `${process}-${name}`),
    )
    expect(sorted(all(committed('metrics.md'), /<a id="([^"]*)"/g))).toEqual(sorted(inCode))
  })

  test('rooms', () => {
    expect(sorted(all(committed('rooms.md'), /^\| `([^`]*)`/gm))).toEqual(sorted(Object.keys(rooms)))
  })
})

test.each([
  ['annotations.md', annotationsPage],
  ['errors.md', errorsPage],
  ['identity-providers.md', identityProvidersPage],
  ['metrics.md', metricsPage],
  ['rooms.md', roomsPage],
  ['settings.md', settingsPage],
])('%s says for whom it is and how it is made, and is up to date', (name, make) => {
  const [title, , reader, , made] = committed(name).split('\n')
  expect(title).toMatch(/^# \w[\w ]+$/)
  expect(reader).toMatch(/^For .*: .*\.$/)
  expect(made).toContain('`npm run docs`')
  expect(committed(name)).toBe(make())
})

test('settings.md begins with a file to copy, which is read without problems', () => {
  const [, shown = ''] = /\n## The webhook\n\n```yaml\n([\s\S]*?)```\n/.exec(committed('settings.md')) ?? []
  expect(shown).toBe(EXAMPLE_FILE)
  expect(readConfig('webhook', { file: parse(shown) })).toMatchObject({
    problems: [],
    values: { 'aws.accountId': '111122223333', 'sidecar.meshContainers': expect.arrayContaining(['linkerd-*']) },
  })
})

test('the form of each setting shows an example of that setting', () => {
  const rowOf = (key: string): string => new RegExp(`^.*<a id="${key}"></a>.*$`, 'm').exec(settingsPage())?.[0] ?? ''
  expect(rowOf('webhook.metricsPort')).toContain('like `9798`')
  expect(rowOf('tls.keyFile')).toContain('like `/etc/lanyard/tls/tls.key`')
})

test('commands.md says how to run it from a checkout', () => {
  const run = committed('commands.md').indexOf('`npm run build`, then `node dist/cmd/lanyard.js COMMAND`')
  expect(run).toBeGreaterThan(0)
  expect(run).toBeLessThan(committed('commands.md').indexOf('```'))
})

test("errors.md says why the endpoint's answers say the same twice", () => {
  const [, chapter = ''] = committed('errors.md').split('## The endpoint\n')
  expect(chapter.split('###')[0]).toMatch(/`code` and `Code`, `message` and `Message`/)
})

test('every table has as many cells in a row as in its head', () => {
  for (const page of [annotationsPage(), identityProvidersPage(), metricsPage(), roomsPage(), settingsPage()]) {
    let width = 0
    for (const line of page.split('\n')) {
      const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0
      if (width > 0 && cells > 0) expect(cells, line).toBe(width)
      width = cells
    }
  }
})

test('links between the pages lead somewhere', () => {
  const pages = ['annotations.md', 'errors.md', 'identity-providers.md', 'metrics.md', 'rooms.md', 'settings.md']
  const headings = (text: string): string[] =>
    all(text, /^##+ ([\w ]+)$/gm).map((title) => title.toLowerCase().replaceAll(' ', '-'))
  for (const page of pages) {
    for (const [, file = '', id] of committed(page).matchAll(/\]\(([\w.-]+)(?:#([\w.-]+))?\)/g)) {
      const target = committed(file)
      if (id !== undefined) expect([...all(target, /<a id="([^"]*)"/g), ...headings(target)], page).toContain(id)
    }
  }
})

test('the examples of identity-providers.md are read without problems', () => {
  const shown = all(committed('identity-providers.md'), /^```yaml\n([\s\S]*?)```$/gm)
  expect(shown).toHaveLength(3)
  for (const text of shown) {
    const { problems } = readConfig('webhook', { file: { ...parse(text), 'sidecar.image': 'lanyard:1' } })
    expect(problems).toEqual([])
  }
})
