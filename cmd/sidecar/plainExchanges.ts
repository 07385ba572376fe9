import { createSts } from '../../src/aws/index.ts'
import { byServiceAccount, type Exchanges } from './exchanges.ts'

/** The service account's token, exchanged by the AWS SDK. */
export const plainExchanges: Exchanges = { openSts: createSts, byIdentity: byServiceAccount }
