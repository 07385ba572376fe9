import { createDirectSts } from '../../src/stsDirect/index.ts'
import { byServiceAccount, type Exchanges } from './exchanges.ts'

/** The service account's token again, but without the AWS SDK. */
export const slimExchanges: Exchanges = { openSts: createDirectSts, byIdentity: byServiceAccount }
