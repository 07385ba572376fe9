import { type Code, codes } from '../errors/index.ts'
import { layout } from '../injection/index.ts'
import { isObject } from '../json/index.ts'
import { ANNOTATION_PREFIX, STATUS_ANNOTATION } from '../settings/index.ts'
import { listIn, objectIn, textIn } from './json.ts'
import type { Instant, Mode } from './types.ts'

/** What is known of a pod that Lanyard is in, or should be in, before anything in it is asked. */
export type PodFacts = {
  readonly namespace: string
  readonly name: string
  /** What no other pod has, a later one of the same name included. */
  readonly uid: string
  readonly created: Instant | undefined
  readonly mode: Mode | undefined
  readonly version: string | undefined
  /** By container, as the webhook wrote it down. */
  readonly roles: Readonly<Record<string, string>>
  readonly sidecar: OwnContainer | undefined
  readonly broker: OwnContainer | undefined
  readonly isFinished: boolean
  readonly isEnding: boolean
  /** It can be reached at all. */
  readonly hasAddress: boolean
  /** Why no node takes it, where none does. */
  readonly unscheduled: string | undefined
}

/** A container of ours, by its name and its status. */
export type OwnContainer = {
  readonly port: number
  /** Why it does not run; undefined where it does, or is on its way. */
  readonly stopped: string | undefined
  /** Why it ended the last time, as it said itself. */
  readonly lastWords: { readonly code: Code; readonly message: string } | undefined
}

/** Undefined for a pod that is no concern of ours, and for what is no pod. */
export function readPod(raw: unknown): PodFacts | undefined {
  const metadata = objectIn(raw, 'metadata')
  const spec = objectIn(raw, 'spec')
  const [namespace, name] = [nameIn(metadata, 'namespace'), nameIn(metadata, 'name')]
  if (spec === undefined || namespace === undefined || name === undefined) return undefined
  const annotations = objectIn(metadata, 'annotations') ?? {}
  const sidecar = ownContainer(raw, layout.SIDECAR)
  const written = readStatus(annotations[STATUS_ANNOTATION])
  const isDirect = written?.mode === 'direct'
  if (sidecar === undefined && !isDirect && !asks(annotations)) return undefined
  const status = objectIn(raw, 'status')
  const phase = textIn(status, 'phase')
  return {
    ...{ namespace, name, uid: textIn(metadata, 'uid') ?? '' },
    created: instantIn(metadata, 'creationTimestamp'),
    mode: sidecar === undefined ? (isDirect ? 'direct' : undefined) : (written?.mode ?? 'sidecar'),
    version: written?.version,
    roles: written?.roles ?? {},
    sidecar,
    broker: ownContainer(raw, layout.BROKER),
    isFinished: phase === 'Succeeded' || phase === 'Failed',
    isEnding: metadata?.['deletionTimestamp'] !== undefined,
    hasAddress: textIn(status, 'podIP') !== undefined,
    unscheduled: unscheduledIn(status),
  }
}

/** As Kubernetes lets names be: nothing else becomes part of a path. */
const nameIn = (object: unknown, key: string): string | undefined => {
  const name = textIn(object, key)
  return name !== undefined && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) ? name : undefined
}

function instantIn(object: unknown, key: string): Instant | undefined {
  const instant = Date.parse(textIn(object, key) ?? '')
  return Number.isNaN(instant) ? undefined : instant
}

/** Whether the pod itself says that it wants credentials. */
function asks(annotations: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(annotations).filter(
    (name) => name.startsWith(ANNOTATION_PREFIX) && name !== STATUS_ANNOTATION,
  )
  return names.length > 0 && annotations[`${ANNOTATION_PREFIX}inject`] !== 'false'
}

type Written = {
  readonly version: string | undefined
  readonly mode: Mode
  readonly roles: Readonly<Record<string, string>>
}

/** What the webhook wrote down. The pod's author may have written it as well: it is shown, and nothing hangs on it. */
function readStatus(text: unknown): Written | undefined {
  if (typeof text !== 'string' || text.length > 65_536) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const roles = Object.entries(objectIn(value, 'roles') ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const mode = textIn(value, 'mode') === 'direct' ? 'direct' : textIn(value, 'protocol') === 'imds' ? 'imds' : 'sidecar'
  return { version: textIn(value, 'version'), mode, roles: Object.fromEntries(roles) }
}

const METRICS_PORT = 9798
/** Reasons of a container that is on its way. */
const onItsWay = new Set(['PodInitializing', 'ContainerCreating'])

function ownContainer(raw: unknown, name: string): OwnContainer | undefined {
  const isIt = (each: unknown): boolean => textIn(each, 'name') === name
  const container = listIn(objectIn(raw, 'spec'), 'initContainers').find(isIt)
  if (container === undefined) return undefined
  const port = listIn(container, 'ports').map((each) => (isObject(each) ? each['containerPort'] : undefined))[0]
  const status = listIn(objectIn(raw, 'status'), 'initContainerStatuses').find(isIt)
  return {
    port: isPort(port) ? port : METRICS_PORT,
    stopped: stoppedIn(objectIn(status, 'state')),
    lastWords: lastWordsIn(objectIn(status, 'lastState')) ?? lastWordsIn(objectIn(status, 'state')),
  }
}

const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536

function stoppedIn(state: unknown): string | undefined {
  const waiting = textIn(objectIn(state, 'waiting'), 'reason')
  if (waiting !== undefined && !onItsWay.has(waiting)) return waiting
  const terminated = objectIn(state, 'terminated')
  return terminated === undefined ? undefined : (textIn(terminated, 'reason') ?? 'Terminated')
}

/** `SESSION: CODE: …`, as the sidecar leaves it in its termination log. */
function lastWordsIn(state: unknown): OwnContainer['lastWords'] {
  const message = textIn(objectIn(state, 'terminated'), 'message') ?? ''
  const code = /^(?:[a-z0-9-]{1,63}: )?([A-Z][A-Za-z]{2,60}): /.exec(message)?.[1]
  return code !== undefined && isCode(code) ? { code, message } : undefined
}

export const isCode = (text: string): text is Code => Object.hasOwn(codes, text)

function unscheduledIn(status: unknown): string | undefined {
  const condition = listIn(status, 'conditions').find((each) => textIn(each, 'type') === 'PodScheduled')
  return textIn(condition, 'status') === 'False' ? (textIn(condition, 'reason') ?? 'Unschedulable') : undefined
}
