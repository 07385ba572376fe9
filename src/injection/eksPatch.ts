import { literal } from './layout.ts'
import { appendPatch, pointer } from './listPatch.ts'
import { isWindows, list } from './pod.ts'
import type { Container, Eks, EnvVar, JsonPatchOperation, Pod } from './types.ts'

const VOLUME = 'aws-iam-token'
const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount'
const TOKEN_FILE = `${MOUNT_PATH}/token`

/** Adds what EKS's webhook adds, in its order, where it is missing. */
export function eksPatch(pod: Pod, eks: Eks): readonly JsonPatchOperation[] {
  const tokenFile = isWindows(pod) ? `C:${TOKEN_FILE.replaceAll('/', '\\')}` : TOKEN_FILE
  const inOf = (field: 'initContainers' | 'containers'): readonly JsonPatchOperation[] =>
    list(pod.spec[field]).flatMap((container, index) =>
      eks.skipped.has(container.name)
        ? []
        : containerPatch(container, pointer('spec', field, String(index)), eks, tokenFile),
    )
  return [...inOf('initContainers'), ...inOf('containers'), ...volumePatch(pod, eks)]
}

function containerPatch(
  { env, volumeMounts }: Container,
  path: string,
  eks: Eks,
  tokenFile: string,
): readonly JsonPatchOperation[] {
  const variables = missingVariables(list(env), eks, tokenFile)
  if (variables === undefined) return []
  const mount = { name: VOLUME, readOnly: true, mountPath: MOUNT_PATH }
  const isMounted = list(volumeMounts).some(({ name }) => name === VOLUME)
  return [
    ...appendPatch(`${path}/env`, env, variables),
    ...appendPatch(`${path}/volumeMounts`, volumeMounts, isMounted ? [] : [mount]),
  ]
}

/** Undefined for a container that says something of each kind: it gets not even the mount. */
function missingVariables(
  env: readonly EnvVar[],
  { roleArn, regional, region }: Eks,
  tokenFile: string,
): readonly EnvVar[] | undefined {
  const groups: readonly (readonly [isWanted: boolean, variables: readonly EnvVar[]])[] = [
    [regional, [{ name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' }]],
    [region !== undefined, ['AWS_DEFAULT_REGION', 'AWS_REGION'].map((name) => ({ name, value: region ?? '' }))],
    [
      true,
      [
        { name: 'AWS_ROLE_ARN', value: literal(roleArn) },
        { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: tokenFile },
      ],
    ],
  ]
  // A group that the container has a part of is the container's own.
  const isThere = (variables: readonly EnvVar[]): boolean =>
    variables.some(({ name }) => env.some((variable) => variable.name === name))
  if (groups.every(([, variables]) => isThere(variables))) return undefined
  return groups.flatMap(([isWanted, variables]) => (isWanted && !isThere(variables) ? variables : []))
}

function volumePatch({ spec }: Pod, { audience, tokenExpiration }: Eks): readonly JsonPatchOperation[] {
  if (list(spec.volumes).some(({ name }) => name === VOLUME)) return []
  const serviceAccountToken = { audience, expirationSeconds: tokenExpiration, path: 'token' }
  const volume = { name: VOLUME, projected: { sources: [{ serviceAccountToken }] } }
  return appendPatch(pointer('spec', 'volumes'), spec.volumes, [volume])
}
