import type { Session } from '../../src/credentials/index.ts'
import type { Sts, StsOperation, TokenSource } from '../../src/federation/index.ts'
import type { SidecarMetrics } from '../../src/metrics/index.ts'

/** STS with its durations measured, by a clock that nobody sets. */
export function timed(sts: Sts, metrics: SidecarMetrics): Sts {
  const measured = async <T>(operation: StsOperation, call: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    try {
      return await call()
    } finally {
      metrics.stsRequest(operation, (performance.now() - began) / 1000)
    }
  }
  return {
    assumeRoleWithWebIdentity: (...asked) =>
      measured('AssumeRoleWithWebIdentity', () => sts.assumeRoleWithWebIdentity(...asked)),
    assumeRoleWithSaml: (...asked) => measured('AssumeRoleWithSAML', () => sts.assumeRoleWithSaml(...asked)),
    assumeRole: (...asked) => measured('AssumeRole', () => sts.assumeRole(...asked)),
  }
}

/** A token source whose latest token's expiry is a metric. */
export function watched(source: TokenSource, metrics: SidecarMetrics): TokenSource {
  return async (signal) => {
    const token = await source(signal)
    metrics.identityToken(token.expires / 1000)
    return token
  }
}

/** A session whose expiration is a metric, as its clients see it at that moment. */
export function shown<S extends Session>(session: S, metrics: SidecarMetrics): S {
  metrics.expiresBy(session.name, () => {
    const view = session.view()
    return view.kind === 'held' ? view.expires / 1000 : undefined
  })
  return session
}
