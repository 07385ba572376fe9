import { StsFailure } from './failure.ts'
import type { SignatureScope } from './signature.ts'
import { signatureAlgorithm } from './signature.ts'
import type { StsRequest } from './types.ts'

/** What a signed request claims, not yet verified. */
export type Authorization = {
  accessKeyId: string
  sessionToken: string | undefined
  signature: string
  scope: SignatureScope
  /** Seconds that a presigned address holds; undefined for a signature in the header. */
  expires: number | undefined
}

type RawAuthorization = {
  algorithm: string
  credential: string | undefined
  signedHeaders: string | undefined
  signature: string | undefined
  timestamp: string | undefined
  sessionToken: string | undefined
  expires: string | undefined
}

function incomplete(message: string): StsFailure {
  return new StsFailure('IncompleteSignature', message)
}

function readHeader(header: string, headers: StsRequest['headers']): RawAuthorization {
  const [algorithm = '', ...rest] = header.split(' ')
  const fields = new Map(
    rest
      .join(' ')
      .split(',')
      .map((field): [string, string] => {
        const [name = '', ...value] = field.trim().split('=')
        return [name, value.join('=')]
      }),
  )
  return {
    algorithm,
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    timestamp: headers.get('x-amz-date'),
    sessionToken: headers.get('x-amz-security-token'),
    expires: undefined,
  }
}

function readQuery(query: URLSearchParams): RawAuthorization {
  const read = (name: string): string | undefined => query.get(name) ?? undefined
  return {
    algorithm: read('X-Amz-Algorithm') ?? '',
    credential: read('X-Amz-Credential'),
    signedHeaders: read('X-Amz-SignedHeaders'),
    signature: read('X-Amz-Signature'),
    timestamp: read('X-Amz-Date'),
    sessionToken: read('X-Amz-Security-Token'),
    expires: read('X-Amz-Expires') ?? '',
  }
}

function parse(raw: RawAuthorization): Authorization {
  const { algorithm, credential, signedHeaders, signature, timestamp, sessionToken, expires } = raw
  if (algorithm !== signatureAlgorithm)
    throw incomplete(`Unsupported AWS 'algorithm': only ${signatureAlgorithm} for now.`)
  if (!credential) throw incomplete("Authorization header requires 'Credential' parameter.")
  if (!signature) throw incomplete("Authorization header requires 'Signature' parameter.")
  if (!signedHeaders) throw incomplete("Authorization header requires 'SignedHeaders' parameter.")
  if (timestamp === undefined || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
  }
  const [accessKeyId = '', date = '', region = '', service = '', terminator = '', ...more] = credential.split('/')
  if (terminator !== 'aws4_request' || more.length > 0) {
    throw incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term')
  }
  if (expires !== undefined && !/^[1-9]\d{0,5}$/.test(expires))
    throw incomplete('X-Amz-Expires must be a number of seconds')
  const scope = { timestamp, date, region, service, signedHeaders: signedHeaders.split(';') }
  return { accessKeyId, sessionToken, signature, scope, expires: expires === undefined ? undefined : Number(expires) }
}

/**
 * Reads the signature of a request, from its Authorization header or from a presigned address (IAM User Guide,
 * "Authentication methods" of Signature Version 4).
 * @throws StsFailure MissingAuthenticationToken or IncompleteSignature.
 */
export function readAuthorization(request: StsRequest): Authorization {
  const header = request.headers.get('authorization')
  if (header !== undefined) return parse(readHeader(header, request.headers))
  const query = new URLSearchParams(request.query)
  if (query.has('X-Amz-Algorithm')) return parse(readQuery(query))
  throw new StsFailure('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 })
}
