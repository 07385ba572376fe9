import type { Ground } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { forAll } from '../memo.ts'
import { valueAt } from '../objects.ts'
import { ownRightPlace } from '../places.ts'

/** What the caller needs for a look at the installation and at the target, as RBAC names it. */
type Right = {
  readonly verb: 'get' | 'list' | 'create'
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace?: string
}

const right = (verb: Right['verb'], resource: string, namespace?: string, group = ''): Right => {
  const [name = '', subresource] = resource.split('/')
  return {
    verb,
    group,
    resource: name,
    ...(subresource !== undefined && { subresource }),
    ...(namespace !== undefined && { namespace }),
  }
}

/** Who looks at all namespaces needs the rights in all of them. */
function needed({ target, isDryRunAllowed }: Ground, system: string | undefined): readonly Right[] {
  const where = target.namespace
  return [
    right('list', 'mutatingwebhookconfigurations', undefined, 'admissionregistration.k8s.io'),
    ...(system === undefined ? [] : ofSystem(system)),
    ...(where === undefined ? [right('list', 'pods')] : [right('get', 'namespaces'), right('list', 'pods', where)]),
    right('get', 'pods/log', where),
    right('get', 'pods/proxy', where),
    right('get', 'serviceaccounts', where),
    right('get', 'configmaps', where),
    right('list', 'events', where),
    ...(isDryRunAllowed ? [right('create', 'pods', where)] : []),
  ]
}

const ofSystem = (namespace: string): readonly Right[] => [
  right('get', 'configmaps', namespace),
  right('get', 'deployments', namespace, 'apps'),
  right('list', 'endpointslices', namespace, 'discovery.k8s.io'),
  right('list', 'pods', namespace),
  right('get', 'pods/log', namespace),
]

const FEW = 6

/** What the caller lacks, once and for all: what depends on it is skipped further down. */
export const rights: Check<Ground> = {
  id: 'rights',
  title: 'you may look at what matters',
  needs: ['api-server'],
  look: async (ground) => {
    const system = await ground.installation().then(
      (found) => found?.namespace,
      () => undefined,
    )
    const all = needed(ground, system)
    const has = await forAll(all, FEW, (each) => isAllowed(each, ground))
    const lacking = all.filter((_, index) => !has[index])
    return lacking.length === 0 ? [] : findingsOf(lacking)
  },
}

async function isAllowed(
  { verb, group, resource, subresource, namespace }: Right,
  { cluster }: Ground,
): Promise<boolean> {
  const resourceAttributes = {
    verb,
    group,
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
  }
  const { value } = await cluster.create(ownRightPlace, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  })
  return valueAt(value, ['status', 'allowed']) === true
}

/** One for each namespace, so that it can be handed on as it is. */
function findingsOf(lacking: readonly Right[]): readonly Finding[] {
  const wheres = new Set(lacking.map(({ namespace }) => namespace))
  return [...wheres].map((where) => {
    const own = lacking.filter(({ namespace }) => namespace === where)
    return {
      verdict: 'warn',
      code: 'RightsMissing',
      subject: where === undefined ? 'the cluster' : `namespace ${where}`,
      message: `you may not ${own.map(phraseOf).join(', ')}`,
      fix: `Ask for ${own.map(phraseOf).join(', ')} ${where === undefined ? 'by a ClusterRole' : `by a Role in namespace ${where}`}, or let somebody run the doctor who has it.`,
    }
  })
}

const phraseOf = ({ verb, group, resource, subresource }: Right): string =>
  `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
