/** What stands for the agent of kiam or kube2iam: it answers as the metadata service of EC2, and says by whom it was asked what. */
import { apply, kubectl, rolledOut } from './kubectl.ts'
import { told } from './settings.ts'

const NAME = 'node-agent'
const PORT = 8080

/** Where clients find it, in its own namespace; the real ones have packets to 169.254.169.254 redirected. */
export const AGENT_URL = `http://${NAME}:${PORT}`

const PROGRAM = `
const { createServer } = require('node:http')
const role = '/latest/meta-data/iam/security-credentials/'
const Expiration = new Date(Date.now() + 3_600_000).toISOString().replace(/\\.\\d+/, '')
const credentials = { Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: 'ASIAAGENT', SecretAccessKey: 'agent', Token: 'agent', Expiration }
createServer(({ method, url }, response) => {
  console.log(method, url)
  response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600')
  response.end(method === 'PUT' ? 'session' : url === role ? 'worker' : url === role + 'worker' ? JSON.stringify(credentials) : '')
}).listen(${PORT})
process.on('SIGTERM', () => process.exit(0))
`

export async function deployAgent(namespace: string): Promise<void> {
  const metadata = { name: NAME, namespace }
  const labels = { app: NAME }
  const container = {
    name: 'agent',
    image: told().images.testbed,
    imagePullPolicy: 'IfNotPresent',
    command: ['/nodejs/bin/node', '-e', PROGRAM],
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
  }
  await apply([
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: PORT }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  ])
  await rolledOut(`deployment/${NAME}`, namespace)
}

/** What it was asked, in order. */
export async function agentAsked(namespace: string): Promise<readonly string[]> {
  const text = await kubectl(['logs', `deployment/${NAME}`, '-n', namespace])
  return text.split('\n').filter((line) => line !== '')
}
