import type { CredentialsView, FailureNote, SessionCredentials } from '../../../src/credentials/types.ts'
import type { EndpointRequest, HeaderValues } from '../../../src/endpoint/index.ts'

/** 2026-03-04T05:06:07.890Z */
export const NOW = Date.UTC(2026, 2, 4, 5, 6, 7, 890)
export const PORT = 9_797
export const TOKEN = `${'a'.repeat(42)}A`

export const credentials = (change: Partial<SessionCredentials> = {}): SessionCredentials => ({
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
  expires: NOW + 3_600_000,
  issued: NOW,
  skew: 0,
  roleArn: 'arn:aws:iam::111122223333:role/app',
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/app/session',
  accountId: '111122223333',
  ...change,
})

export const held = (change: Partial<SessionCredentials> = {}): CredentialsView => {
  const issued = credentials(change)
  return { kind: 'held', credentials: issued, expires: issued.expires }
}

export const none = (lastFailure?: FailureNote): CredentialsView => ({ kind: 'none', lastFailure })

export const failure: FailureNote = { code: 'TokenExpired', message: 'it expired at noon', at: NOW - 1_000 }

type RequestChange = {
  method?: string
  target?: string
  version?: string
  headers?: readonly string[]
  without?: readonly string[]
}

/** The request of a client that does everything right, plus `headers`, minus those named in `without`. */
export function request(change: RequestChange = {}): EndpointRequest {
  const { method = 'GET', target = '/v1/credentials', version = '1.1', headers = [], without = [] } = change
  const usual = [
    ['Host', `127.0.0.1:${PORT}`],
    ['Authorization', TOKEN],
    ['Accept', 'application/json'],
  ]
  const kept = usual.filter(([name]) => !without.includes(name ?? ''))
  return { method, target, version, headers: groupHeaders([...kept.flat(), ...headers]) }
}

/** Fields as a request brings them: name, value, name, value, … */
export function groupHeaders(fields: readonly string[]): HeaderValues {
  const grouped = new Map<string, string[]>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] ?? '').toLowerCase()
    grouped.set(name, [...(grouped.get(name) ?? []), fields[at + 1] ?? ''])
  }
  return grouped
}
