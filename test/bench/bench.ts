import type { AtEnd } from '../support/processes.ts'
import type { FigureId } from './figures.ts'

/** What several readings of one thing gave. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number; readonly count: number }

/** A figure as it was measured, in the unit that its row of `figures` says. */
export type Measurement = {
  readonly id: FigureId
  readonly value: Spread
  /** What a ratio was made of, or what is shown beside each other: ours, and the baseline's, in the unit `of` of its row. */
  readonly ours?: Spread
  readonly baseline?: Spread
}

export type Point = { readonly at: number; readonly value: number }

/** How a figure grows: about as `at ** exponent`. */
export type Curve = {
  /** What grows, such as `webhook: private memory`. */
  readonly name: string
  /** What it grows with, such as `ServiceAccounts`. */
  readonly axis: string
  readonly unit: string
  readonly points: readonly Point[]
  readonly exponent: number
}

/** What a step of ours changes, as the same run measured it without and with it. */
export type Lever = {
  readonly name: string
  /** The figure that it moves, such as `private memory, first credentials`. */
  readonly what: string
  readonly unit: string
  readonly without: Spread
  readonly with: Spread
  /** It was tried and is not in the product; `why` says why. */
  readonly dropped?: { readonly why: string }
}

export type Found = {
  readonly measurements?: readonly Measurement[]
  readonly curves?: readonly Curve[]
  readonly levers?: readonly Lever[]
  /** A sentence for each thing that could not be measured here, and why. */
  readonly leftOut?: readonly string[]
}

/** Where a bench runs. */
export type Ground = {
  /** Holds the image's files: `product/app/sidecar.cjs` and so on. */
  readonly folder: string
  /** Fewer rounds: what CI has time for. */
  readonly short: boolean
  /** In the cluster of KUBECONFIG, where a bench otherwise has a stand-in for one. */
  readonly real?: boolean
  /** When this bench is over, the last one first. */
  readonly atEnd: AtEnd
  /** Tells who waits what is being done. */
  readonly say: (what: string) => void
}

export type Bench = {
  /** As `--only` has it. */
  readonly name: string
  readonly about: string
  readonly run: (ground: Ground) => Promise<Found>
}
