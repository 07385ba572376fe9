/** How an app asks: the container credentials protocol, or IMDSv2. */
export type Protocol = 'container' | 'imds'

/** A client of AWS as its users have it, unmodified: a program of a few lines around it, and how that is made ready. */
export type Client = {
  /** As `--only` and `--require` name it: the name of its directory here. */
  readonly name: string
  /** As people know it. */
  readonly title: string
  /** What it can speak. */
  readonly protocols: readonly Protocol[]
  /** Whether it asks IMDS so seldom that a loop over rotations would take hours: its clock is run fast then. */
  readonly lazyWithImds?: true
  /** Whether no loop over rotations can be had with IMDS; `note` says why. */
  readonly noLoopWithImds?: true
  /** For the table: why it does not speak the other one, or what else is to be known. */
  readonly note?: string
  /**
   * Installs or compiles it; where it was made before, that is quick. Throws Missing where the machine lacks what that
   * takes, and says what.
   */
  prepare(place: Place): Promise<Prepared>
}

/**
 * A client that is ready. `command` is started with two more arguments, the URL of STS and the path of the PEM file with
 * the authority of its certificate; it has ONE client of AWS with the default credentials chain. For every line on
 * standard input it makes one signed GetCallerIdentity and writes one line of JSON on standard output, nothing else:
 * {"arn": "…"}, or {"error": "…"} with what the SDK says. It ends with its standard input.
 */
export type Prepared = {
  /** Of the client: `3.1169.0`. */
  readonly version: string
  readonly command: readonly string[]
  /** The variables by which the client trusts that authority; it has no others than the webhook's, PATH and HOME. */
  trust(caFile: string): Readonly<Record<string, string>>
}

export type Place = {
  /** The client's directory in the checkout: nothing is written there. */
  readonly source: string
  /** A directory of its own, kept between runs. */
  readonly build: string
  /** Runs a command to its end and answers its standard output. Throws with the end of what it said. */
  run(command: readonly string[], options?: RunOptions): Promise<string>
}
export type RunOptions = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> }

/** The machine lacks a toolchain or a package; the message names it. */
export class Missing extends Error {}
