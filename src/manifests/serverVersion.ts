import { Failure } from '../errors/index.ts'
import { isObject } from '../json/index.ts'
import { valueAt } from './json.ts'

/** The minor version of Kubernetes 1. */
type Minor = number

/** The first that has all that Lanyard needs, and the first that heeds resources of pods. */
const OLDEST: Minor = 30
const POD_LEVEL_RESOURCES: Minor = 34

/** `1.NN`, `v1.NN.P` and the like. Throws Failure SettingInvalid or ServerVersionTooOld. */
export function readServerVersion(text: string, field: string): Minor {
  const [, major, digits] = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d+)?(?:[-+][\w.+-]*)?$/.exec(text.trim()) ?? []
  if (major === undefined || digits === undefined) {
    throw new Failure({
      code: 'SettingInvalid',
      field,
      message: 'it is no version of Kubernetes',
      fix: 'Write it like 1.34',
    })
  }
  const minor = Number(digits)
  if (Number(major) > 1 || (Number(major) === 1 && minor >= OLDEST)) return Number(major) > 1 ? Infinity : minor
  const message = `${major}.${minor} lacks matchConditions of webhooks (on since 1.30)`
  const sidecars = minor < 29 ? ' and native sidecars (on since 1.29)' : ''
  throw new Failure({ code: 'ServerVersionTooOld', field, message: message + sidecars })
}

/** What the pod has that so old a Kubernetes does not heed. */
export function versionWarnings(pod: unknown, minor: Minor): readonly string[] {
  const resources = valueAt(pod, ['spec', 'resources'])
  if (!isObject(resources) || minor >= POD_LEVEL_RESOURCES) return []
  return [`Kubernetes 1.${minor} does not heed spec.resources of pods (pod-level resources are on since 1.34)`]
}
