import { Failure } from '../../../errors/index.ts'
import { readServerVersion } from '../../../manifests/index.ts'
import type { Ground } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { isObject, textAt } from '../objects.ts'
import { quoted } from '../words.ts'

/** Whether there is a cluster that answers, and one that is new enough. */
export const apiServer: Check<Ground> = {
  id: 'api-server',
  title: 'the API server answers, and is 1.30 or later',
  look: async ({ cluster }) => {
    const text = await cluster.text({ path: '/version', title: 'the version of the API server' }).catch(notKnown)
    const version = versionIn(text)
    if (version === undefined) return [unknown]
    readServerVersion(version, 'the API server')
    return [{ verdict: 'ok', message: `Kubernetes ${quoted(version)}` }]
  },
}

const unknown: Finding = {
  verdict: 'fail',
  code: 'ClusterAnswerInvalid',
  message: 'what answers at the address of the kubeconfig says no version of Kubernetes',
}

/** Who is unknown is no one with few rights: 401 says so. */
function notKnown(thrown: unknown): never {
  const isUnknown =
    thrown instanceof Failure && thrown.code === 'ClusterForbidden' && thrown.message.includes('HTTP 401')
  if (!isUnknown) throw thrown
  throw new Failure({
    code: 'ClusterConfigurationMissing',
    field: 'KUBECONFIG',
    message: 'the API server does not know who asks (HTTP 401)',
    fix: 'Log in again: the credentials of the current context are wrong or have expired',
  })
}

function versionIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? textAt(value, 'gitVersion') : undefined
  } catch {
    return undefined
  }
}
