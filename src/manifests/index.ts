/** Kubernetes manifests as people keep them: what of them is injected, and nothing else touched. */
export { type InjectOptions, injectManifests } from './inject.ts'
export { readInputs } from './inputs.ts'
export { parseManifests } from './parse.ts'
export { formatDiffs, formatJson, formatNotes, formatUnknown, isRefused } from './report.ts'
export { readSaid, type Said } from './said.ts'
export { readServerVersion, versionWarnings } from './serverVersion.ts'
export { joinTexts } from './stream.ts'
export type { Manifest, ManifestFile, Result, Verdict, Workload } from './types.ts'
