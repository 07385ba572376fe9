import type { Document } from 'yaml'
import type { Problem } from '../errors/index.ts'
import type { AdmissionOutcome } from '../injection/index.ts'
import type { JsonObject } from '../json/index.ts'

/** A file, or what came on the standard input. */
export type ManifestFile = { readonly name: string; readonly text: string }

/** A document of a file. */
export type Manifest = {
  readonly file: ManifestFile
  /** Which of the file's it is, counted from 1. */
  readonly number: number
  /** Byte for byte; put together, the documents' texts are the file. */
  readonly text: string
  readonly document: Document
  /** What it says as JSON; undefined where it is empty. */
  readonly value: JsonObject | undefined
}

/** Something that makes pods, or is one. */
export type Workload = {
  readonly kind: string
  /** With `*` for what the API server adds to a generateName. */
  readonly name: string
  readonly namespace: string
  /** The keys that lead from the document to the object itself: none, but for items of a List. */
  readonly place: readonly string[]
  /** The keys that lead from the object to what has the pod's metadata and spec. */
  readonly template: readonly string[]
  /** The pod, as the API server would hand it over. */
  readonly pod: JsonObject
  /** Whether that has no metadata of its own, so that nothing can be put into it. */
  readonly lacksMetadata: boolean
  /** Whether it carries annotations of ours where nobody reads them: on itself instead of its pods, whatever these carry. */
  readonly isMisplaced: boolean
}

/** What is decided about a workload; the paths of a patch are those of the workload's object. */
export type Verdict = { readonly workload: Workload; readonly outcome: AdmissionOutcome }

/** What becomes of a document. */
export type Result = {
  readonly manifest: Manifest
  readonly verdicts: readonly Verdict[]
  /** The text that was, unless something is injected. */
  readonly text: string
  /** Why what is decided cannot be written. */
  readonly problems: readonly Problem[]
}
