import type { Ground } from '../ground.ts'
import type { Check } from '../types.ts'
import { admitted } from './checks/admitted.ts'
import { apiServer } from './checks/apiServer.ts'
import { appAsks, appKeys } from './checks/app.ts'
import { credentials } from './checks/credentials.ts'
import { decided } from './checks/decided.ts'
import { configured, installed } from './checks/installed.ts'
import { rights } from './checks/rights.ts'
import { sidecarRuns } from './checks/sidecarRuns.ts'
import { reached, targetThere } from './checks/target.ts'
import { webhookRights } from './checks/webhookRights.ts'
import { webhookTrusted } from './checks/webhookTrusted.ts'
import { webhookUp } from './checks/webhookUp.ts'

/** From the API server to a sidecar that runs, in the order of the way of the data. */
export const checksToSidecar: readonly Check<Ground>[] = [
  apiServer,
  rights,
  targetThere,
  installed,
  configured,
  webhookUp,
  webhookTrusted,
  webhookRights,
  reached,
  decided,
  admitted,
  sidecarRuns,
]

/** From what the sidecar holds to the app; between the two is the identity, by which it gets that. */
export const checksToApp: readonly Check<Ground>[] = [credentials, appKeys, appAsks]
