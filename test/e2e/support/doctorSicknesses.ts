/** What goes wrong in a pod that was injected, or on its way there. */
import { OLD_CLIENT } from './doctor.ts'
import { at, type Case, SLEEP, WHERE } from './doctorCases.ts'
import { apply, get, kubectl, podReady, waitFor } from './kubectl.ts'
import { eventsOf, job, pod } from './workloads.ts'

/** An init container that starts before the sidecar, as a mesh's does, and listens where the sidecar would. */
const thief = (image: string): object => ({
  name: 'istio-proxy',
  image,
  imagePullPolicy: 'IfNotPresent',
  restartPolicy: 'Always',
  command: ['python3', '-m', 'http.server', '9797', '--bind', '127.0.0.1'],
  startupProbe: {
    exec: { command: ['python3', '-c', "import socket; socket.create_connection(('127.0.0.1', 9797))"] },
    periodSeconds: 1,
  },
})

const stolen = (image: string, annotations: Readonly<Record<string, string>>): object =>
  pod('stolen', WHERE, { annotations, script: SLEEP, spec: { initContainers: [thief(image)] } })

const sidecarOf = async (name: string) =>
  (await get('pod', name, WHERE))['status'].initContainerStatuses?.find(
    (status: { readonly name: string }) => status.name === 'lanyard',
  )

const remake = async (name: string, object: object): Promise<void> => {
  await kubectl(['delete', 'pod', name, '-n', WHERE, '--grace-period=1'])
  await apply([object])
  await podReady(name, WHERE)
}

const keys = (data: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'app-settings', namespace: WHERE },
  data,
})

const withSettings = (): object =>
  pod('keys', WHERE, { script: SLEEP, container: { envFrom: [{ configMapRef: { name: 'app-settings' } }] } })

/** Asks as an SDK from before token files does, again and again. */
const OLD_LOOP =
  'while true; do /opt/old/bin/python -c "import boto3; boto3.client(\'sts\').get_caller_identity()" >/dev/null 2>&1; sleep 1; done'
const NEW_LOOP = 'aws sts get-caller-identity --query Arn --output text; exec sleep infinity'

export const sicknesses = (client: string): readonly Case[] => [
  {
    name: 'a port that is taken, at run time',
    breaks: async () => {
      await apply([stolen(client, {})])
      await waitFor('the sidecar gave up', async () =>
        JSON.stringify((await sidecarOf('stolen')) ?? {}).includes('PortInUse') ? true : undefined,
      )
    },
    target: at('pod/stolen'),
    code: 'PortInUse',
    fix: /istio-proxy.*lanyard\.dev\/credentials-port: "9796"/,
    mends: () => remake('stolen', stolen(client, { 'lanyard.dev/credentials-port': '9796' })),
  },
  {
    name: 'static keys from a ConfigMap',
    breaks: async () => {
      await apply([keys({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }), withSettings()])
      await podReady('keys', WHERE)
    },
    target: at('pod/keys'),
    code: 'StaticKeys',
    fix: /Take AWS_ACCESS_KEY_ID out of ConfigMap app-settings/,
    mends: async () => {
      await apply([keys({ LOG_LEVEL: 'debug' })])
      await remake('keys', withSettings())
    },
  },
  {
    name: 'an SDK that is too old',
    breaks: async () => {
      await apply([pod('old', WHERE, { script: OLD_LOOP, container: { image: OLD_CLIENT } })])
      await podReady('old', WHERE)
      await waitFor('it has asked', async () => {
        const text = await kubectl(['get', '--raw', `/api/v1/namespaces/${WHERE}/pods/old:9798/proxy/metrics`])
        return /lanyard_endpoint_requests_total\{[^}]*code="401"/.test(text) ? true : undefined
      })
    },
    target: at('pod/old'),
    code: 'SdkTooOld',
    fix: /boto3 1\.34\.41/,
    mends: () => remake('old', pod('old', WHERE, { script: NEW_LOOP })),
  },
  {
    name: "an image that cannot be pulled in the pod's namespace",
    breaks: async () => {
      await apply([pod('unpulled', WHERE, { script: SLEEP })])
      await podReady('unpulled', WHERE)
      await kubectl(['set', 'image', 'pod/unpulled', 'lanyard=nowhere.invalid/lanyard:1', '-n', WHERE])
      await waitFor('its image is looked for', async () =>
        /Failed to pull image/.test(await eventsOf(WHERE, 'unpulled')) ? true : undefined,
      )
      // Which kubelet says a moment after the event.
      const state = "jsonpath={.status.initContainerStatuses[?(@.name=='lanyard')].state.running}"
      await waitFor('its sidecar does not run', async () =>
        (await kubectl(['get', 'pod', 'unpulled', '-n', WHERE, '-o', state])) === '' ? true : undefined,
      )
    },
    target: at('pod/unpulled'),
    code: 'SidecarNotRunning',
    fix: /Let namespace e2e-doctor pull nowhere\.invalid\/lanyard:1/,
    mends: () => remake('unpulled', pod('unpulled', WHERE, { script: SLEEP })),
  },
  {
    name: 'a quota without room',
    breaks: () =>
      apply([
        {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'small', namespace: WHERE },
          spec: { hard: { 'requests.memory': '100Mi' } },
        },
        job('over', WHERE, { script: 'true' }),
      ]),
    target: at('job/over'),
    code: 'QuotaExceeded',
    fix: /Raise ResourceQuota small of namespace e2e-doctor/,
    mends: () => kubectl(['delete', 'resourcequota', 'small', '-n', WHERE]),
  },
]
