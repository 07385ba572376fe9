/** What the authority needs of a cluster. Whatever cannot be done is thrown as a Failure of the area `cluster`. */

/** The optimistic lock of an object (Kubernetes API conventions, "Concurrency Control and Consistency"). */
export type ObjectVersion = string

export type WriteResult = 'written' | 'conflict'

/** The Secret in which the authorities are kept. It is there from the chart on, without data at first. */
export type SecretStore = {
  /** The values as text; asks the API server itself, never a cache. */
  read(): Promise<HeldValues>
  /**
   * Sets these values, and takes away those that are undefined, unless the Secret has changed since it was read as `held`.
   * All others stay as they are, which need not be text.
   */
  write(changes: ValueChanges, held: HeldValues): Promise<WriteResult>
}

export type HeldValues = { readonly values: Readonly<Record<string, string>>; readonly version: ObjectVersion }
export type ValueChanges = Readonly<Record<string, string | undefined>>

/** The caBundle of every entry of our MutatingWebhookConfiguration. */
export type TrustStore = {
  /** PEM by entry, '' where there is none; asks the API server itself, never a cache. */
  read(): Promise<{ readonly bundles: readonly string[]; readonly version: ObjectVersion }>
  /** Writes a bundle into each entry, unless the configuration has changed since `version`. */
  write(bundles: readonly string[], version: ObjectVersion): Promise<WriteResult>
}
