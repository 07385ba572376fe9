/** What somebody with the rights of `edit` does to have a role that the namespace is not permitted, or the token for all. */
import { forged, tokenVolume } from './guardCases.ts'
import { OTHER_ROLE } from './guardSidecars.ts'
import { apply, get, type KubeObject, kubectl, said, waitFor } from './kubectl.ts'
import { REGION, told } from './settings.ts'
import type { Ran } from './shell.ts'
import { CA } from './sts.ts'
import { type As, asServiceAccount } from './token.ts'
import { pod, WHO_AM_I } from './workloads.ts'

export const AUDIENCE = 'sts.amazonaws.com'
const DEVELOPER = 'developer'
const TOKEN = '/var/run/secrets/lanyard.dev/identity/token'
const UID = 29797
/** What a program of Node says to read it. */
const READ = `require('node:fs').readFileSync('${TOKEN}', 'utf8')`

/** Somebody with `edit` in the namespace, and with ephemeral containers, which it does not have. */
export async function developerIn(where: string): Promise<As> {
  const rbac = 'rbac.authorization.k8s.io'
  const metadata = { name: DEVELOPER, namespace: where }
  const bound = (name: string, kind: string, role: string): object => ({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace: where },
    roleRef: { apiGroup: rbac, kind, name: role },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  })
  const rules = [{ apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['get', 'patch'] }]
  await apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    bound('edit', 'ClusterRole', 'edit'),
    bound(DEVELOPER, 'Role', DEVELOPER),
  ])
  return asServiceAccount(DEVELOPER, where)
}

export const userOf = (where: string): string => `system:serviceaccount:${where}:${DEVELOPER}`

export type Way = {
  readonly name: string
  /** Does it to the pod, which has a sidecar, or beside it. */
  readonly go: (as: As, victim: string, where: string) => Promise<Ran>
  /** What the guard says. */
  readonly words: RegExp
  /** That it really is a way: throws where nothing came of it. */
  readonly proof: (ran: Ran, victim: string, where: string) => Promise<unknown>
}

/** Creates, rather than apply, which would ask for what is there first. */
export const createAs = (as: As, object: object, ...args: readonly string[]): Promise<Ran> =>
  as(['create', '-f', '-', ...args], { input: JSON.stringify(object) })

/** An ephemeral container, as `kubectl debug` adds one. */
export const debugAs = (as: As, victim: string, where: string, container: object): Promise<Ran> => {
  const ephemeral = { image: told().images.client, imagePullPolicy: 'IfNotPresent', ...container }
  const patch = JSON.stringify({ spec: { ephemeralContainers: [ephemeral] } })
  return as(['patch', 'pod', victim, '-n', where, '--subresource=ephemeralcontainers', '-p', patch])
}

const isToken = (text: string): void => {
  const [, payload = ''] = text.trim().split('.')
  const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  if (!aud.includes(AUDIENCE)) throw new Error(`a token for ${aud}`)
}
const JWT = /^ey\S+\.\S+\.\S+$/m
const tokenSaid = async (podName: string, where: string, container: string): Promise<void> =>
  isToken(JWT.exec(await said(JWT, podName, where, container))?.[0] ?? '')
/** That the app is who nobody permitted it to be. */
export const isOther = (podName: string, where: string): Promise<string> =>
  said(new RegExp(OTHER_ROLE.replace(/.*:role\/(.*)/, 'assumed-role/$1')), podName, where)

/** The AWS CLI with a token of the pod's own. */
const ownVolume = (where: string): object =>
  pod('own-volume', where, {
    role: undefined,
    script: `AWS_DEFAULT_REGION=${REGION} AWS_ROLE_ARN=${OTHER_ROLE} AWS_WEB_IDENTITY_TOKEN_FILE=/mine/token ${WHO_AM_I}`,
    restartPolicy: 'Never',
    container: {
      volumeMounts: [
        { name: 'sts-ca', mountPath: '/etc/sts', readOnly: true },
        { name: 'mine', mountPath: '/mine', readOnly: true },
      ],
    },
    spec: { volumes: [{ name: 'sts-ca', configMap: { name: CA.configMap } }, tokenVolume('mine')] },
  })

/** As Lanyard has made the pod, but for what it shares, and without annotations, so that the webhook is not asked. */
const sharing = (victim: KubeObject): object =>
  forged(victim, {
    name: 'sharing',
    forge: ({ spec, app }) => {
      Object.assign(spec, { shareProcessNamespace: true })
      const script = `for file in /proc/[0-9]*/root${TOKEN}; do cat $file && echo && exec sleep infinity; done`
      const securityContext = { runAsUser: UID, runAsGroup: UID, allowPrivilegeEscalation: false }
      Object.assign(app, { command: ['sh', '-c', script], securityContext })
    },
  })

export const ways: readonly Way[] = [
  {
    name: 'kubectl create token --audience',
    go: (as, _, where) => as(['create', 'token', 'default', '-n', where, '--audience', AUDIENCE]),
    words: /a token of a ServiceAccount for sts\.amazonaws\.com is taken by AWS( or an identity provider)?,/,
    proof: async ({ stdout }) => isToken(stdout),
  },
  {
    name: 'a token volume of its own',
    go: (as, _, where) => createAs(as, ownVolume(where)),
    words: /the volume mine holds a token of the ServiceAccount that AWS (or an identity provider )?takes/,
    proof: (_, __, where) => isOther('own-volume', where),
  },
  {
    name: 'kubectl exec into the sidecar',
    go: (as, victim, where) =>
      as(['exec', victim, '-n', where, '-c', 'lanyard', '--', '/nodejs/bin/node', '-e', `console.log(${READ})`]),
    words: /who gets into the sidecar of Lanyard has its token/,
    proof: async ({ stdout }) => isToken(stdout),
  },
  {
    name: 'kubectl attach to the sidecar',
    // Let in, it stays until it is ended.
    go: (as, victim, where) => as(['attach', victim, '-n', where, '-c', 'lanyard'], { timeout: 4_000 }),
    words: /who gets into the sidecar of Lanyard has its token/,
    proof: async ({ code, stderr }) => {
      if (code !== 124) throw new Error(`it ended with ${code}: ${stderr}`)
    },
  },
  {
    name: 'an ephemeral container with its volume',
    go: (as, victim, where) =>
      debugAs(as, victim, where, {
        name: 'thief',
        command: ['sh', '-c', 'cat /stolen/token'],
        volumeMounts: [{ name: 'lanyard-identity', mountPath: '/stolen', readOnly: true }],
      }),
    words: /an ephemeral container mounts a volume of Lanyard's sidecar/,
    proof: (_, victim, where) => tokenSaid(victim, where, 'thief'),
  },
  {
    name: 'an ephemeral container among its processes',
    go: (as, victim, where) =>
      debugAs(as, victim, where, {
        name: 'neighbour',
        targetContainerName: 'lanyard',
        command: ['sh', '-c', `cat /proc/1/root${TOKEN}`],
        securityContext: { runAsUser: UID, runAsGroup: UID },
      }),
    words: /an ephemeral container would share the processes of Lanyard's sidecar/,
    proof: (_, victim, where) => tokenSaid(victim, where, 'neighbour'),
  },
  {
    name: 'a pod that shares its processes',
    go: async (as, victim, where) => createAs(as, sharing(await get('pod', victim, where))),
    words: /hostPID, hostNetwork or shareProcessNamespace is true/,
    proof: (_, __, where) => tokenSaid('forged-sharing', where, 'app'),
  },
  {
    name: 'an annotation changed',
    go: (as, victim, where) =>
      as(['annotate', 'pod', victim, '-n', where, '--overwrite', `lanyard.dev/role-arn=${OTHER_ROLE}`]),
    words: /the lanyard\.dev\/ annotations of a pod that has its sidecar stay as they are/,
    proof: async (_, victim, where) => {
      const { metadata } = await get('pod', victim, where)
      if (metadata.annotations?.['lanyard.dev/role-arn'] !== OTHER_ROLE) throw new Error('it is as it was')
    },
  },
  {
    name: 'an annotation taken away',
    go: (as, victim, where) => as(['annotate', 'pod', victim, '-n', where, 'lanyard.dev/status-']),
    words: /the lanyard\.dev\/ annotations of a pod that has its sidecar stay as they are/,
    proof: async (_, victim, where) => {
      const { metadata } = await get('pod', victim, where)
      if (metadata.annotations?.['lanyard.dev/status'] !== undefined) throw new Error('it is still there')
    },
  },
  // Last, since it ends the sidecar.
  {
    name: 'kubectl set image on the sidecar',
    go: (as, victim, where) => as(['set', 'image', `pod/${victim}`, '-n', where, `lanyard=${told().images.previous}`]),
    words: /the image of the sidecar of a running pod stays the operator's/,
    proof: (_, victim, where) =>
      waitFor('the sidecar runs another image', async () => {
        const restarts = await kubectl([
          ...['get', 'pod', victim, '-n', where, '-o'],
          'jsonpath={.status.initContainerStatuses[?(@.name=="lanyard")].restartCount}',
        ])
        return Number(restarts) > 0 ? true : undefined
      }),
  },
]
