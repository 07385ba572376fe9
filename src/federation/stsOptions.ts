import type { Instant, Milliseconds } from '../credentials/types.ts'
import type { ProxyOptions } from './proxy.ts'
import type { Sts } from './sts.ts'
import type { EndpointOptions } from './stsEndpoint.ts'

/** What whoever implements the port to STS is told. */
export type StsOptions = EndpointOptions &
  ProxyOptions & {
    /** PEM of the authorities that signed the endpoint's certificate, in place of the public ones. */
    readonly ca?: string | undefined
    /** Until the connection stands. */
    readonly connectTimeout: Milliseconds
    /** Until the whole answer is here. */
    readonly totalTimeout: Milliseconds
    readonly now: () => Instant
    /** Lanyard's own, for the user agent that CloudTrail records. */
    readonly version?: string | undefined
  }

/** Throws Failure SettingInvalid for a region, an endpoint, an authority or a proxy that cannot be used. */
export type OpenSts = (options: StsOptions) => Sts
