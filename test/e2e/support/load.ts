/** Clients that create pods all the time, straight at the API server: what a busy cluster does to the webhook. */
import { Agent, request } from 'node:https'
import { type KubeObject, kubectl } from './kubectl.ts'
import { sidecarOf, tinyPod } from './workloads.ts'

export type LoadResult = { readonly calls: number; readonly failures: readonly string[] }
export type Load = { stop(): Promise<LoadResult>; result(): LoadResult }

export type Server = { readonly url: URL; readonly agent: Agent }

/** Where the API server is and who we are, from the kubeconfig. */
export async function apiServer(): Promise<Server> {
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user
  const decoded = (text: string): Buffer => Buffer.from(text, 'base64')
  return {
    url: new URL(server),
    agent: new Agent({ keepAlive: true, maxSockets: 64, ca: decoded(ca), cert: decoded(cert), key: decoded(key) }),
  }
}

/** Creates annotated pods by `dryRun=All` from `clients` at once, each its next one when the last was answered. */
export async function startLoad(where: string, clients = 20): Promise<Load> {
  const server = await apiServer()
  const body = JSON.stringify(tinyPod(where))
  const failures: string[] = []
  let calls = 0
  let going = true
  const client = async (): Promise<void> => {
    while (going) {
      const problem = problemOf(await post(server, `/api/v1/namespaces/${where}/pods?dryRun=All`, body))
      calls += 1
      if (problem !== undefined) failures.push(`${new Date().toISOString()} ${problem}`)
    }
  }
  const done = Promise.all(Array.from({ length: clients }, client))
  const result = (): LoadResult => ({ calls, failures: [...failures] })
  const stop = async (): Promise<LoadResult> => {
    going = false
    await done
    server.agent.destroy()
    return result()
  }
  return { stop, result }
}

/** The API server's answer; status 0 with a message where there is none. */
export type Created = { readonly status: number; readonly object: KubeObject }

/** Creates an object, whatever becomes of it. */
export function post({ url, agent }: Server, path: string, body: string): Promise<Created> {
  const none = (message: string): Created => ({ status: 0, object: { metadata: { name: '' }, message } })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve) => {
    const call = request(new URL(path, url), { agent, method: 'POST', headers, timeout: 30_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('error', (error) => resolve(none(error.message)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, object: JSON.parse(text) }))
    })
    call.on('timeout', () => call.destroy(new Error('no answer within 30 s')))
    call.on('error', (error) => resolve(none(error.message)))
    call.end(body)
  })
}

/** What went wrong with one creation: anything but a pod that carries our sidecar. */
function problemOf({ status, object }: Created): string | undefined {
  if (status !== 201) return `${status} ${object['message']}`
  return sidecarOf(object) === undefined ? 'the pod was not injected' : undefined
}
