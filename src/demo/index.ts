/** The story that `lanyard demo` tells, with the real webhook, sidecar and SDK and the testbed's issuer and STS. */
export type { DemoPod } from './pod.ts'
export { type Programs, type Stage, setStage } from './stage.ts'
export { tellStory } from './story.ts'
