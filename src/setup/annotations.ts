import { annotationOf, type PodKey } from '../settings/index.ts'
import { inYaml } from './quote.ts'
import { type Role, roleArnOf, type ServiceAccount } from './role.ts'

/** What the pods are told beside their role, where it is not as usual. */
export type Told = Partial<
  Record<Extract<PodKey, 'containers' | 'audience' | 'sessionDuration' | 'identityProvider'>, string>
>

/** The ServiceAccounts with the role, as `kubectl apply` takes them, and how pods ask for it. */
export function accountObjects(role: Role, accounts: readonly ServiceAccount[], told: Told): string {
  const annotations = {
    [annotationOf('roleArn')]: roleArnOf(role),
    ...Object.fromEntries(Object.entries(told).map(([key, text]) => [annotationOf(key as PodKey), text])),
  }
  const objects = accounts.map((metadata) =>
    inYaml({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, annotations } }),
  )
  return `${HEAD}${objects.join('---\n')}`
}

const HEAD = `# Pods with serviceAccountName and the annotation ${annotationOf('inject')}: "true" get the role; in a namespace with the
# label lanyard.dev/injection=enabled they need no annotation.
`
