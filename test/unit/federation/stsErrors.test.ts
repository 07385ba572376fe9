import { describe, expect, it } from 'vitest'
import { invalidAnswer, toNetworkFailure, toStsFailure } from '../../../src/federation/index.ts'
import { canary, makeToken, roleArn } from './support.ts'

const base = {
  operation: 'AssumeRoleWithWebIdentity',
  httpStatus: 400,
  requestId: 'req-1',
  endpoint: 'https://sts.eu-west-1.amazonaws.com',
  roleArn,
} as const
const fail = (awsCode: string, message: string, more: object = {}) =>
  toStsFailure({ ...base, awsCode, message, ...more })

describe('toStsFailure', () => {
  it('says it in one line, with all that support asks for', () => {
    const failure = fail('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', { httpStatus: 403 })
    expect(failure.message).toBe(
      'StsAccessDenied: AccessDenied (HTTP 403, request id req-1) from https://sts.eu-west-1.amazonaws.com for ' +
        `${roleArn}: Not authorized to perform sts:AssumeRoleWithWebIdentity. ` +
        'Let the trust policy allow sts:AssumeRoleWithWebIdentity with StringEquals on :sub (system:serviceaccount:NAMESPACE:NAME) and :aud.',
    )
  })

  it('does without a message, which Ceph does not send', () => {
    expect(fail('AccessDenied', '').message).toContain(`for ${roleArn}. Let the trust policy`)
  })

  it.each([
    ['AccessDenied', 'AssumeRole', 'StsChainDenied'],
    ['ExpiredTokenException', 'AssumeRole', 'StsChainCredentialsRejected'],
    ['InvalidClientTokenId', 'AssumeRole', 'StsChainCredentialsRejected'],
    ['InvalidAccessKeyId', 'AssumeRole', 'StsChainCredentialsRejected'],
    ['SignatureDoesNotMatch', 'AssumeRole', 'StsChainCredentialsRejected'],
    ['RequestExpired', 'AssumeRole', 'StsChainCredentialsRejected'],
    ['AccessDenied', 'AssumeRoleWithSAML', 'StsSamlDenied'],
    ['ExpiredTokenException', 'AssumeRoleWithSAML', 'StsSamlExpired'],
    ['InvalidIdentityToken', 'AssumeRoleWithSAML', 'StsSamlRejected'],
    ['MalformedPolicyDocument', 'AssumeRole', 'StsPolicyMalformed'],
    ['SignatureDoesNotMatch', 'AssumeRoleWithWebIdentity', 'StsOther'],
  ])('%s of %s is %s', (awsCode, operation, code) => {
    expect(fail(awsCode, 'm', { operation }).code).toBe(code)
  })

  it.each([
    ['Token is expired', 'StsTokenExpired'],
    ['STS JWT Token has `azp` claim invalid, `azp` must match configured OpenID Client ID', 'StsAudienceRejected'],
    ['STS JWT Token has `aud` claim invalid, `aud` must match configured OpenID Client ID', 'StsAudienceRejected'],
    ['No public key found for kid Lzswylz3tW', 'StsVerificationKeyMissing'],
    ['crypto/rsa: verification error', 'StsTokenRejected'],
    ['crypto/ecdsa: verification error', 'StsTokenRejected'],
    ['token signature is invalid', 'StsTokenRejected'],
    ['Error processing RoleArn parameter: RoleARN arn:minio:iam:::role/x is not defined.', 'StsAccessDenied'],
    ['Error processing RoleArn parameter: RoleARN parse err: invalid ARN - bad partition field', 'StsRequestInvalid'],
    ['invalid token expiry', 'StsRequestInvalid'],
    ['invalid token audience: provider: invalid token audience', 'StsAudienceRejected'],
    ['invalid token issuer: provider: invalid token issuer', 'StsTokenRejected'],
    ['invalid token format: provider: invalid token format', 'StsTokenRejected'],
    ['missing required claims: provider: missing required claims', 'StsTokenRejected'],
  ])('the one code of MinIO and SeaweedFS with %j is %s', (message, code) => {
    expect(fail('InvalidParameterValue', message).code).toBe(code)
  })

  it('hides short secrets as a whole, but no words of two letters', () => {
    expect(fail('ValidationError', 'bad ExternalId shop-42', { secrets: ['shop-42', 'ad'] }).message).toContain(
      'bad ExternalId [redacted]',
    )
  })

  it('does without a request id', () => {
    expect(fail('AccessDenied', 'no', { requestId: undefined }).message).toContain('AccessDenied (HTTP 400) from')
  })

  it.each([
    ['AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 'StsAccessDenied', 'slow'],
    ['AccessDeniedException', 'no', 'StsAccessDenied', 'slow'],
    ['ExpiredTokenException', 'Token expired: current date/time …', 'StsTokenExpired', 'rereadToken'],
    ['ExpiredToken', 'expired', 'StsTokenExpired', 'rereadToken'],
    [
      'InvalidIdentityToken',
      'No OpenIDConnect provider found in your account for https://a',
      'StsIdentityProviderUnknown',
      'slow',
    ],
    ['InvalidIdentityToken', 'Incorrect token audience', 'StsAudienceRejected', 'slow'],
    ['InvalidIdentityToken', 'Missing a required claim: aud', 'StsAudienceRejected', 'slow'],
    ['InvalidIdentityToken', 'Missing a required claim: audit', 'StsTokenRejected', 'rereadToken'],
    [
      'InvalidIdentityTokenException',
      "Couldn't retrieve verification key from your identity provider",
      'StsVerificationKeyMissing',
      'rereadToken',
    ],
    ['InvalidIdentityToken', 'Invalid token signature', 'StsTokenRejected', 'rereadToken'],
    ['IDPCommunicationError', 'm', 'StsIdentityProviderUnreachable', 'backoff'],
    ['IDPCommunicationErrorException', 'm', 'StsIdentityProviderUnreachable', 'backoff'],
    ['IDPRejectedClaim', 'm', 'StsClaimRejected', 'slow'],
    ['MalformedPolicyDocument', 'm', 'StsPolicyMalformed', 'slow'],
    ['PackedPolicyTooLarge', 'm', 'StsPolicyTooLarge', 'slow'],
    ['RegionDisabledException', 'm', 'StsRegionDisabled', 'slow'],
    [
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      'StsDurationTooLong',
      'slow',
    ],
    [
      'ValidationError',
      "Value '50000' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
      'StsDurationTooLong',
      'slow',
    ],
    [
      'ValidationError',
      "Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
      'StsRequestInvalid',
      'slow',
    ],
    ['ValidationError', 'Request ARN is invalid', 'StsRequestInvalid', 'slow'],
    ['MalformedInput', 'm', 'StsRequestInvalid', 'slow'],
    ['Throttling', 'Rate exceeded', 'StsThrottled', 'backoff'],
    ['ThrottlingException', 'm', 'StsThrottled', 'backoff'],
    ['Whatever', 'Rate exceeded', 'StsThrottled', 'backoff'],
    ['InternalFailure', 'm', 'StsUnavailable', 'backoff'],
    ['InternalError', 'm', 'StsUnavailable', 'backoff'],
    ['Whatever', 'm', 'StsOther', 'backoff'],
    ['', '', 'StsOther', 'backoff'],
  ] as const)('%s, "%s" is %s, retried by %s', (awsCode, message, code, retry) => {
    const failure = fail(awsCode, message)
    expect([failure.code, failure.retry]).toEqual([code, retry])
  })

  it.each([
    [429, 'StsThrottled'],
    [500, 'StsUnavailable'],
    [503, 'StsUnavailable'],
    [418, 'StsOther'],
  ])('judges an unknown code by its HTTP status %i', (httpStatus, code) => {
    expect(fail('Unknown', 'Unknown', { httpStatus }).code).toBe(code)
  })

  it.each([
    [90_000, "the pod's clock is 90 s behind STS's"],
    [-90_400, "the pod's clock is 90 s ahead of STS's"],
  ])('names a skew of %i ms', (skew, words) => {
    expect(fail('ExpiredTokenException', 'm', { skew }).message).toContain(words)
  })

  it.each([
    ['the token that was sent', `Value '${makeToken()}' at 'webIdentityToken' failed`],
    ['its signature alone', `signature ${canary} is bad`],
    ['another token', `got ${makeToken({ iss: 'x' }).replaceAll(canary, 'c4n4ryOtherSignature')}`],
    ['a cut token', `got ${makeToken().slice(0, 30)} and ${makeToken()}`],
    ['an access key', 'key ASIAC4N4RYC4N4RYC4N4 is gone'],
    ['a secret key', 'key c4n4ryUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is gone'],
    ['a session token', `token ${'FwoGZXIvYXdzEc4n4ry'.repeat(9)}== is gone`],
  ])('hides %s', (_, message) => {
    const text = fail('ValidationError', message, { secrets: [makeToken()] }).message
    expect(text).toContain('[redacted]')
    expect(text).not.toMatch(/c4n4ry|C4N4RY|eyJ/)
  })

  it('shows no twelve characters in a row from the middle of what was sent, and all that is beside them', () => {
    const token = makeToken()
    for (let at = 0; at + 20 <= token.length; at += 7) {
      const quoted = token.slice(at, at + 20)
      const text = fail('ValidationError', `near "${quoted}" of it`, { secrets: [token] }).message
      expect(text).toMatch(/near ".*\[redacted\].*" of it/)
      for (let from = 0; from <= 8; from += 1) expect(text).not.toContain(quoted.slice(from, from + 12))
    }
  })

  it('hides a token in the code and in the request id', () => {
    const text = fail(makeToken(), 'm', { requestId: makeToken() }).message
    expect(text).not.toMatch(/c4n4ry|eyJ/)
  })

  it('leaves role ARNs, issuers and sentences readable', () => {
    const said =
      'No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE ' +
      'and arn:aws:sts::123456789012:assumed-role/payments-production-reader/shop.payments.payments-7d4b9c'
    expect(fail('InvalidIdentityToken', said).message).toContain(said)
  })

  it('is done with a hostile text at once, and shows no half of a token at its end', () => {
    const text = fail('Other', `${'eyJ'.repeat(20_000)} ${'a'.repeat(60_000)}`).message
    expect(text).toMatch(/shop-web(: (\[redacted\])?…?)?\. Look/)
    const behind = `${'x '.repeat(1_990)}${'A1b2'.repeat(9)}`
    expect(fail('Other', behind).message).not.toContain('A1b2')
  })

  it('shows foreign text on one line and cut', () => {
    const text = fail('Other\nCode', `a\u0000b\r\nStsTimeout: c\u2028${'x '.repeat(999)}`).message
    expect(text).not.toMatch(/[\p{Cc}\u2028]/u)
    expect(text).toContain('Other Code')
    expect(text).toContain('a b StsTimeout: c')
    expect(text.length).toBeLessThan(700)
  })
})

describe('toNetworkFailure', () => {
  const network = (reason: string) => toNetworkFailure({ endpoint: base.endpoint, roleArn, reason })

  it.each([
    ['ENOTFOUND', 'StsUnreachable', 'backoff'],
    ['EAI_AGAIN', 'StsUnreachable', 'backoff'],
    ['ECONNREFUSED', 'StsUnreachable', 'backoff'],
    ['ECONNRESET', 'StsUnreachable', 'backoff'],
    ['EPIPE', 'StsUnreachable', 'backoff'],
    ['EHOSTUNREACH', 'StsUnreachable', 'backoff'],
    ['ENETUNREACH', 'StsUnreachable', 'backoff'],
    ['ETIMEDOUT', 'StsTimeout', 'backoff'],
    ['TimeoutError', 'StsTimeout', 'backoff'],
    ['AbortError', 'StsTimeout', 'backoff'],
    ['CERT_HAS_EXPIRED', 'StsUntrusted', 'slow'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'StsUntrusted', 'slow'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'StsUntrusted', 'slow'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'StsUntrusted', 'slow'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'StsUntrusted', 'slow'],
    ['EPROTO', 'StsAnswerInvalid', 'backoff'],
    ['HPE_INVALID_CONSTANT', 'StsAnswerInvalid', 'backoff'],
  ])('%s is %s', (reason, code, retry) => {
    const failure = network(reason)
    expect([failure?.code, failure?.retry]).toEqual([code, retry])
    expect(failure?.message).toContain(reason)
    expect(failure?.message).toContain(base.endpoint)
    expect(failure?.message).toContain(roleArn)
  })

  it('says the detail where it is known', () => {
    const failure = toNetworkFailure({
      endpoint: 'e',
      roleArn: 'r',
      reason: 'TimeoutError',
      detail: 'no answer within 9 ms',
    })
    expect(failure?.message).toContain('e for r: no answer within 9 ms.')
  })

  it.each(['TypeError', '', 'ERR_INVALID_ARG_TYPE'])('knows nothing of %j', (reason) => {
    expect(network(reason)).toBeUndefined()
  })
})

describe('invalidAnswer', () => {
  it('is an answer that STS would not give', () => {
    expect(invalidAnswer('no XML').message).toMatch(/^StsAnswerInvalid: no XML\. /)
  })
})
