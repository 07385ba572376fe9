import type { Parameters } from './parameters.ts'

/** What a request asked for, as far as it is no secret. What is no such thing by its form is left out. */
export type RequestFacts = {
  sessionName?: string
  /** Seconds. */
  durationSeconds?: number
  tagKeys?: readonly string[]
  transitiveTagKeys?: readonly string[]
  sourceIdentity?: string
  /** Whether there was one; its value is nobody's business. */
  externalId?: boolean
  /** Whether an inline session policy came. */
  policy?: boolean
  policyArns?: readonly string[]
  /** Of an opaque access token. */
  providerId?: string
  /** ARN of the SAML provider. */
  principalArn?: string
}

const nameForm = /^[\w+=,.@-]{2,64}$/
const keyForm = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const arnForm = /^arn:[\w-]{1,20}:[\w-]{1,20}:[\w-]{0,20}:\w{0,20}:[\w+=,.@/:-]{1,600}$/
const providerForm = /^[a-z0-9.-]{4,64}$/

/** A JSON web token would fit into a tag key as to its characters: three parts, the first of which is an object. */
const isToken = (text: string): boolean => /^eyJ[\w-]+\./.test(text)

function read(parameters: Parameters, name: string, form: RegExp): string | undefined {
  const value = parameters.get(name)
  return value !== undefined && form.test(value) && !isToken(value) ? value : undefined
}

function readList(parameters: Parameters, member: RegExp, form: RegExp): string[] | undefined {
  const names = [...parameters.keys()].filter((name) => member.test(name)).slice(0, 100)
  const values = names.map((name) => read(parameters, name, form)).filter((value) => value !== undefined)
  return names.length === 0 ? undefined : values
}

/** Without what is undefined, so that records stay short. */
export function compact(facts: { [K in keyof RequestFacts]: RequestFacts[K] | undefined }): RequestFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

/** The facts of a request, whether it succeeds or not. */
export function readFacts(parameters: Parameters): RequestFacts {
  const duration = read(parameters, 'DurationSeconds', /^\d{1,10}$/)
  return compact({
    sessionName: read(parameters, 'RoleSessionName', nameForm),
    durationSeconds: duration === undefined ? undefined : Number(duration),
    tagKeys: readList(parameters, /^Tags\.member\.\d+\.Key$/, keyForm),
    transitiveTagKeys: readList(parameters, /^TransitiveTagKeys\.member\.\d+$/, keyForm),
    sourceIdentity: read(parameters, 'SourceIdentity', nameForm),
    externalId: parameters.has('ExternalId') ? true : undefined,
    policy: parameters.has('Policy') ? true : undefined,
    policyArns: readList(parameters, /^PolicyArns\.member\.\d+\.arn$/, arnForm),
    providerId: read(parameters, 'ProviderId', providerForm),
    principalArn: read(parameters, 'PrincipalArn', arnForm),
  })
}
