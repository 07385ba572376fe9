/** What a step found: nothing is well; each problem is a line or a few. */
export type Findings = {
  readonly problems: readonly string[]
  /** What was looked at, as the end of its progress line. */
  readonly note?: string
}

/** Looks at the checkout in `root`. */
export type Check = (root: string) => Promise<Findings>
