import type { Problem } from '../errors/index.ts'
import { printable } from '../terminal/printable.ts'

/** What an AdmissionReview asks (Kubernetes API, admission.k8s.io/v1, AdmissionRequest), as far as it matters here. */
export type Review = {
  readonly uid: string
  readonly operation: string
  /** '' where the object is of no namespace: never so for the creation of a pod. */
  readonly namespace: string
  /** Empty for most pods: their controllers give a generateName. */
  readonly name: string
  readonly generateName: string
  readonly dryRun: boolean
  /** Whether it is the creation of a pod; everything else is let through. */
  readonly podCreation: boolean
  readonly object: unknown
}

export type ParsedReview =
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'problem'; readonly problem: Problem }

type Json = Readonly<Record<string, unknown>>
type Check = { readonly field: string; readonly must: string; readonly holds: (value: unknown) => boolean }

const longestName = 253
const version = 'admission.k8s.io/v1'

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const matches = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value)
const optional =
  (holds: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || value === null || holds(value)
const isText = (value: unknown): boolean => typeof value === 'string'

const requestChecks: readonly Check[] = [
  { field: 'uid', must: 'be 1 to 128 printable ASCII characters', holds: (value) => matches(value, /^[!-~]{1,128}$/) },
  {
    field: 'operation',
    must: 'be CREATE, UPDATE, DELETE or CONNECT',
    holds: (value) => matches(value, /^(CREATE|UPDATE|DELETE|CONNECT)$/),
  },
  { field: 'resource', must: 'be an object', holds: isRecord },
  { field: 'subResource', must: 'be a string', holds: optional(isText) },
  { field: 'name', must: 'be a string', holds: optional(isText) },
  { field: 'dryRun', must: 'be a boolean', holds: optional((value) => typeof value === 'boolean') },
  {
    field: 'namespace',
    must: 'be a DNS label of at most 63 characters',
    holds: optional((value) => value === '' || isNamespace(value)),
  },
]

const creationChecks: readonly Check[] = [
  { field: 'namespace', must: 'be a DNS label of at most 63 characters', holds: isNamespace },
  { field: 'object', must: 'be an object', holds: isRecord },
]

/** Reads the body of a call, parsed from JSON, as an AdmissionReview of version v1 exactly. */
export function parseReview(body: unknown): ParsedReview {
  if (!isRecord(body) || body['kind'] !== 'AdmissionReview') return malformed('kind', 'must be AdmissionReview')
  if (body['apiVersion'] !== version) return otherVersion(body['apiVersion'])
  const request = body['request']
  if (!isRecord(request)) return malformed('request', 'must be an object')
  const podCreation = isPodCreation(request)
  const failed = [...requestChecks, ...(podCreation ? creationChecks : [])].find(
    ({ field, holds }) => !holds(request[field]),
  )
  if (failed !== undefined) return malformed(`request.${failed.field}`, `must ${failed.must}`)
  return { kind: 'review', review: reviewOf(request, podCreation) }
}

function isNamespace(value: unknown): boolean {
  return matches(value, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
}

/** The object's own namespace and name are not looked at: the API server fills them in after admission. */
function reviewOf(request: Json, podCreation: boolean): Review {
  const object = request['object']
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {}
  return {
    uid: textOf(request['uid']),
    operation: textOf(request['operation']),
    namespace: textOf(request['namespace']),
    name: textOf(request['name'] ?? metadata['name']),
    generateName: textOf(metadata['generateName']),
    dryRun: request['dryRun'] === true,
    podCreation,
    object,
  }
}

function isPodCreation(request: Json): boolean {
  const resource = request['resource']
  if (request['operation'] !== 'CREATE' || !isRecord(resource)) return false
  const isPods = resource['group'] === '' && resource['version'] === 'v1' && resource['resource'] === 'pods'
  return isPods && (request['subResource'] ?? '') === ''
}

const textOf = (value: unknown): string => (typeof value === 'string' ? printable(value, longestName) : '')

const malformed = (field: string, message: string): ParsedReview => ({
  kind: 'problem',
  problem: { code: 'ReviewMalformed', field, message },
})

function otherVersion(found: unknown): ParsedReview {
  const what = typeof found === 'string' ? printable(found, 64) : 'none'
  const message = `must be ${version}, is ${what}`
  return { kind: 'problem', problem: { code: 'ReviewVersion', field: 'apiVersion', message } }
}
