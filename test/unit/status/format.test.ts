import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { formatRound } from '../../../src/status/format.ts'
import { asBlocks, asJsonLines, isWell, onScreen, toJson } from '../../../src/status/index.ts'
import type { Round, Row } from '../../../src/status/types.ts'
import type { Style } from '../../../src/terminal/style.ts'
import { roleOf, rowOf } from './support.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const MINUTE = 60_000
const plain: Style = { bold: String, dim: String, green: String, red: String, cyan: String }
const marked: Style = { ...plain, bold: (text) => `B${text}`, dim: (text) => `D${text}`, red: (text) => `R${text}` }

const well = (parts: Partial<Row> = {}): Row =>
  rowOf({ expires: NOW + 42 * MINUTE, refreshed: NOW - 18 * MINUTE, ...parts })
const roundOf = (rows: readonly Row[], parts: Partial<Round> = {}): Round => ({
  at: NOW,
  took: 1_234,
  namespace: 'shop',
  rows,
  pods: new Set(rows.map(({ namespace, pod }) => `${namespace}/${pod}`)).size,
  finished: 0,
  version: '1.0.0',
  ...parts,
})
const view = { style: plain, now: NOW, isWide: false, program: 'lanyard' }
const shown = (round: Round, parts: object = {}): readonly string[] => formatRound(round, { ...view, ...parts })

/** What the page shows: some pods of each kind. */
const denied = { code: 'StsAccessDenied', word: 'StsAccessDenied' } as const
const many: readonly Row[] = [
  { ...rowOf({ pod: 'mistrusted', state: 'none', role: roleOf('elsewhere'), trouble: denied }) },
  well({ pod: 'expiring', state: 'failing', expires: NOW + 1 * MINUTE, refreshed: NOW - 2 * MINUTE, trouble: denied }),
  well({ pod: 'files' }),
  rowOf({ pod: 'files', mode: 'broker', containers: [], users: 2, refreshed: NOW - 3 * MINUTE }),
  well({ pod: 'legacy', mode: 'imds' }),
  rowOf({ pod: 'reports', state: 'direct', mode: 'direct' }),
  well({ pod: 'two-roles' }),
  well({ pod: 'two-roles', containers: ['helper'], role: roleOf('worker'), version: '0.9.0' }),
]

describe('the table', () => {
  test('is that of the page, word for word', () => {
    const page = readFileSync('docs/operators/status.md', 'utf8')
    expect(page).toContain(`\`\`\`text\n${shown(roundOf(many)).join('\n')}\n\`\`\``)
  })

  test('of all namespaces names them, and wide all in full', () => {
    const [titles, line] = shown(roundOf([well()], { namespace: undefined }), { isWide: true })
    expect(titles).toBe(
      'NAMESPACE  POD  CONTAINER  ROLE                                EXPIRES  REFRESHED  LAST ERROR  STATE  VERSION  MODE',
    )
    expect(line).toContain(roleOf('web'))
  })

  test('fits the terminal, and leaves out what says nothing', () => {
    const rows = [well({ pod: 'a-very-long-name-of-a-pod-that-no-terminal-has-room-for-7d4b9c6f5d-x2x7k' })]
    for (const width of [80, 60, 40])
      for (const line of [rows, many, [{ ...rows[0], state: 'none' } as Row], []].flatMap((each) =>
        shown(roundOf(each), { width }),
      ))
        expect(line.length).toBeLessThanOrEqual(width)
    expect(shown(roundOf(rows), { width: 80 })[0]).not.toContain('MODE')
  })

  test('shows as many lines as there is room for, the troubled first', () => {
    const rows = [many[0] ?? well(), ...Array.from({ length: 20 }, (_, index) => well({ pod: `web-${index}` }))]
    const lines = shown(roundOf(rows), { height: 10 })
    expect(lines).toHaveLength(10)
    expect(lines.some((line) => /^… and \d+ more, none in trouble$/.test(line))).toBe(true)
    expect(lines[1]).toContain('mistrusted')
  })

  test('paints what is in trouble', () => {
    const lines = shown(roundOf(many), { style: marked })
    expect(lines.slice(1, 7).map((line) => line[0])).toEqual(['R', 'B', 'f', 'f', 'l', 'D'])
  })

  test.each([
    ['none', 'none'],
    ['down', 'none'],
    ['uninjected', 'none'],
    ['expired', 'expired'],
    ['unseen', '?'],
    ['starting', '-'],
  ] as const)('says of one that is %s that its credentials expire in: %s', (state, cell) => {
    expect(shown(roundOf([rowOf({ state })]))[1]).toMatch(new RegExp(`/web +${cell.replace('?', '\\?')} `))
  })

  test('of nobody is a sentence', () => {
    const none = { pods: 0 }
    expect(shown(roundOf([], none))).toEqual([
      'No pods with Lanyard in namespace shop.',
      'A pod asks by the annotation lanyard.dev/role-arn, in a Deployment at spec.template.metadata.annotations.',
    ])
    expect(shown(roundOf([], { ...none, namespace: undefined, selector: 'app=web' }))[0]).toBe(
      'No pods with Lanyard and labels app=web in the cluster.',
    )
    expect(shown(roundOf([], { ...none, finished: 2 }))).toEqual([
      'No running pods with Lanyard in namespace shop; 2 finished.',
    ])
  })

  test('says where to go on, and which versions there are', () => {
    expect(shown(roundOf(many), { program: 'kubectl lanyard' }).at(-1)).toBe(
      'Next: kubectl lanyard doctor pod/mistrusted -n shop',
    )
    expect(shown(roundOf(many), { program: 'kubectl lanyard', width: 49 }).slice(-2)).toEqual([
      'Next: kubectl lanyard doctor pod/mistrusted',
      '-n shop',
    ])
    const long = well({ pod: `${'a'.repeat(76)}reboot`, state: 'unseen', trouble: { code: 'Internal', word: 'x' } })
    expect(shown(roundOf([long]), { width: 80 }).at(-1)).toBe('Next: lanyard doctor -n shop')
    expect(shown(roundOf([long]), { width: 0 }).at(-1)).toBe(`Next: lanyard doctor pod/${long.pod} -n shop`)
    const far = { ...long, namespace: 'b'.repeat(63) }
    expect(shown(roundOf([far]), { width: 40 }).join(' ')).not.toContain('Next')
    expect(shown(roundOf(many)).join('\n')).toContain("* not of the webhook's version 1.0.0: 1.")
    const forbidden = rowOf({ state: 'unseen', trouble: { code: 'RightsMissing', word: 'forbidden' } })
    expect(shown(roundOf([forbidden])).at(-1)).toContain('Ask for the right to get pods/proxy')
    const two = [well(), well({ pod: 'b', version: '2.0.0' })]
    expect(shown(roundOf(two, { version: undefined })).at(-1)).toBe('Versions: 1.0.0 in 1, 2.0.0 in 1.')
  })

  test('is free of what a hostile pod would put into it', () => {
    const evil = well({ role: 'arn:\u001b[31m\u202e', version: '\u0007', containers: ['a\nb'] })
    expect(shown(roundOf([evil, well({ pod: 'b' })])).join('')).not.toMatch(/[^\x20-\x7e…]/)
  })
})

describe('for scripts', () => {
  test('no control character gets out as it is', () => {
    const texts: string[] = []
    const lines = asJsonLines((text) => void texts.push(text), { now: () => NOW, wakeAt: () => () => {} })
    lines.round(roundOf([well({ failures: { 'a\u009b2J\u0085': 1 } })]))
    expect(texts[0]).toContain('"a\\u009b2J\\u0085":1')
  })

  test('everything is there, and whether all is well', () => {
    const json = JSON.parse(JSON.stringify(toJson(roundOf(many))))
    expect(json).toMatchObject({
      time: '2026-01-01T12:00:00.000Z',
      seconds: 1.234,
      namespace: 'shop',
      webhookVersion: '1.0.0',
      well: false,
      pods: 6,
    })
    expect(json.states).toEqual({ none: 1, failing: 1, ok: 3, direct: 1 })
    expect(json.rows[0]).toMatchObject({ pod: 'mistrusted', state: 'none', error: 'StsAccessDenied', expires: null })
    expect([isWell(roundOf(many)), isWell(roundOf([well()]))]).toEqual([false, true])
    expect(toJson(roundOf([], { namespace: undefined, version: undefined }))).toMatchObject({
      namespace: null,
      webhookVersion: null,
      rows: [],
    })
  })
})

describe('again and again', () => {
  const clock = { now: () => NOW + 2_000, wakeAt: () => () => {} }
  const showing = { clock, interval: 5_000, style: plain, isWide: false, program: 'lanyard' }
  const failure = new Failure({ code: 'ClusterUnreachable', field: 'pods', message: 'list: no answer' })

  test('on a screen the picture is painted over, with how old it is, and what went wrong', () => {
    const painted: (readonly string[])[] = []
    const screen = {
      room: () => ({ columns: 80, rows: 24 }),
      paint: (lines: readonly string[]) => void painted.push(lines),
    } as never
    const watcher = onScreen(screen, showing)
    watcher.repaint()
    watcher.failed(failure)
    expect(painted).toEqual([])
    watcher.round(roundOf([well()]))
    watcher.failed(failure)
    expect(painted[0]?.[0]).toBe('shop, read 2s ago, every 5s. Ctrl-C ends.')
    expect(painted[1]?.[1]).toContain('ClusterUnreachable: pods: list: no answer.')
    expect(painted[1]).toHaveLength((painted[0]?.length ?? 0) + 1)
  })

  test('elsewhere a block or a line each', () => {
    const texts: string[] = []
    const write = (text: string): void => void texts.push(text)
    const blocks = asBlocks(write, showing)
    blocks.round(roundOf([well()]))
    blocks.failed(failure)
    expect(texts[0]).toMatch(/^2026-01-01T12:00:00\.000Z\nPOD /)
    expect(texts[1]).toMatch(/^2026-01-01T12:00:02\.000Z\nClusterUnreachable: pods/)
    const lines = asJsonLines(write, clock)
    lines.round(roundOf([well()]))
    lines.failed(failure)
    expect(JSON.parse(texts[2] ?? '')).toMatchObject({ pods: 1 })
    expect(JSON.parse(texts[3] ?? '')).toMatchObject({ error: 'ClusterUnreachable' })
  })
})
