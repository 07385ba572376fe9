export { callerIdentity } from './callerIdentity.ts'
export { createSts } from './sts.ts'
