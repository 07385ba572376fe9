/** The small files of a pod that the sidecar reads and writes. */
export { type StateFile, stateFile } from './stateFile.ts'
export { type TerminationMessage, terminationMessage } from './terminationMessage.ts'
export { readFileUpTo, readFileWithin, readSmallFile } from './tokenFile.ts'
