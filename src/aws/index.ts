export { createSts, type StsOptions } from './sts.ts'
