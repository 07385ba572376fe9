import type { Protocol } from './client.ts'
import type { Loop } from './loop.ts'

/** How one case went: `passed`, with a remark perhaps, or what was not as it should be. */
export type CaseResult = { readonly passed: boolean; readonly remark?: string }

export type ProtocolResult = {
  readonly cases: Readonly<Record<string, CaseResult>>
  readonly loop?: Loop & { readonly passed: boolean }
}

export type ClientResult = {
  readonly client: string
  readonly title: string
  readonly version: string
  readonly note?: string
  readonly protocols: { readonly [P in Protocol]?: ProtocolResult }
}

/** What a run found, as `--json` writes it. */
export type Report = {
  readonly lanyard: string
  /** Whether every client was tried with every case on every protocol that it speaks. */
  readonly complete: boolean
  /** By name, what each case is about. */
  readonly cases: Readonly<Record<string, string>>
  readonly clients: readonly ClientResult[]
  /** Clients that nobody can try, and why. */
  readonly untried: readonly { readonly client: string; readonly why: string }[]
  /** Clients that could not be made ready here, and why. */
  readonly missing: readonly {
    readonly client: string
    readonly why: string
    /** Its toolchain is there, and yet it could not be made ready. */
    readonly broken: boolean
  }[]
}

export const LOOP_CASE = 'rotations'

/** What did not go as it should, one line each. */
export function failuresOf({ clients }: Report): readonly string[] {
  return clients.flatMap(({ client, protocols }) =>
    Object.entries(protocols).flatMap(([protocol, { cases, loop }]) => [
      ...Object.entries(cases).flatMap(([name, { passed, remark }]) =>
        passed ? [] : [`${client}, ${protocol}, ${name}: ${remark ?? ''}`],
      ),
      ...(loop === undefined || loop.passed
        ? []
        : [
            `${client}, ${protocol}, ${LOOP_CASE}: ${describeLoop(loop)}${loop.error === undefined ? '' : `: ${loop.error}`}`,
          ]),
    ]),
  )
}

export const describeLoop = ({ calls, failed, rotations }: Loop): string =>
  `${failed} of ${calls} calls failed over ${rotations} rotations`

/** A row per client and protocol, a column per case. */
export function rowsOf({ clients, cases }: Report): readonly (readonly string[])[] {
  const names = Object.keys(cases)
  const rows = clients.flatMap(({ client, version, protocols }) =>
    Object.entries(protocols).map(([protocol, result]) => [
      client,
      version,
      protocol,
      ...names.map((name) => mark(result.cases[name])),
      result.loop === undefined
        ? '–'
        : `${result.loop.passed ? 'ok' : 'FAILED'} ${result.loop.calls}/${result.loop.rotations}`,
    ]),
  )
  return [['client', 'version', 'protocol', ...names, LOOP_CASE], ...rows]
}

const mark = (result: CaseResult | undefined): string => (result === undefined ? '–' : result.passed ? 'ok' : 'FAILED')

/** How many cases and loops there were. */
export const countOf = ({ clients }: Report): number =>
  clients
    .flatMap(({ protocols }) => Object.values(protocols))
    .reduce((sum, { cases, loop }) => sum + Object.keys(cases).length + (loop === undefined ? 0 : 1), 0)
