/**
 * Every failure that a person can meet, declared once. The reference page `docs/reference/errors.md` is generated from
 * this table; the codes label the metrics, so they are a closed set.
 */
import { admissionCodes } from './codes/admission.ts'
import { clusterCodes } from './codes/cluster.ts'
import { doctorCodes } from './codes/doctor.ts'
import { endpointCodes } from './codes/endpoint.ts'
import type { CodeEntry } from './codes/entry.ts'
import { stsCodes, tokenCodes } from './codes/federation.ts'
import { issuerCodes } from './codes/issuer.ts'
import { internalCode, processCodes } from './codes/process.ts'
import { providerCodes } from './codes/provider.ts'
import { reviewCodes, skipCodes } from './codes/review.ts'
import { samlCodes } from './codes/saml.ts'
import { trustCodes } from './codes/trust.ts'
import { userCodes } from './codes/user.ts'

export const codes = {
  ...admissionCodes,
  ...skipCodes,
  ...reviewCodes,
  ...internalCode,
  ...tokenCodes,
  ...providerCodes,
  ...samlCodes,
  ...stsCodes,
  ...endpointCodes,
  ...userCodes,
  ...clusterCodes,
  ...issuerCodes,
  ...trustCodes,
  ...doctorCodes,
  ...processCodes,
}

export type Code = keyof typeof codes
export type SkipReason = keyof typeof skipCodes
export type EndpointCode = keyof typeof endpointCodes
export type UserCode = keyof typeof userCodes

/** The table's entry, with its optional fields visible. */
export const describe = (code: Code): CodeEntry => codes[code]
