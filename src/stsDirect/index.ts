export { createDirectSts } from './sts.ts'
