import type { Code } from '../errors/index.ts'

/** How something is: well, worth a look, wrong, or not to be known from here. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip'

export type Finding = {
  readonly verdict: Verdict
  /** Always there but for `ok` and `skip`. */
  readonly code?: Code
  /** What it is about: an object, a setting, an address. */
  readonly subject?: string
  /** What was found, one sentence; never a token, a key or the value of a pod's variable. */
  readonly message: string
  /** Only where it is more precise than the table's. */
  readonly fix?: string
}

/** One question, asked of whatever the ground gives access to. */
export type Check<Ground> = {
  /** Stable, in kebab-case: for scripts. */
  readonly id: string
  /** What would be well, as a clause: "the API server trusts the webhook". */
  readonly title: string
  /** Ids of checks without which this one says nothing: it is skipped where one of them failed or was skipped. */
  readonly needs?: readonly string[]
  /** Ids of checks whose failure says all that this one could say; that one of them was skipped does not matter. */
  readonly unless?: readonly string[]
  /**
   * Findings, the worst first; none is as good as one `ok`. What it throws becomes a finding: ClusterForbidden one of the
   * reader's own rights.
   */
  readonly look: (ground: Ground, signal: AbortSignal) => Promise<readonly Finding[]>
}

export type Checked = {
  readonly id: string
  readonly title: string
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
}

/** Where the progress is shown. */
export type Watcher = {
  readonly begins: (check: { readonly id: string; readonly title: string }) => void
  readonly ends: (checked: Checked) => void
  /** After the last one. */
  readonly done: () => void
}
