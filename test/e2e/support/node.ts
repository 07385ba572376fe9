/** What only the node can do: end processes of containers as the kernel's OOM killer does, from outside of their pod. */
import { apply, kubectl, podReady } from './kubectl.ts'
import { told, DOUBLES as WHERE } from './settings.ts'

const NAME = 'node-hand'

/** A pod that sees every process of the node. */
async function hand(): Promise<void> {
  const container = {
    name: 'hand',
    image: told().images.client,
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', 'infinity'],
    securityContext: { privileged: true, runAsUser: 0 },
  }
  const spec = { hostPID: true, terminationGracePeriodSeconds: 1, containers: [container] }
  await apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: NAME, namespace: WHERE }, spec }])
  await podReady(NAME, WHERE)
}

/** Cuts every connection that the process of a pod has to the API server; tells how many there were. */
export async function cutConnections(podUid: string, command: string): Promise<number> {
  await hand()
  const script = `${processesOf(podUid, command)}
    nsenter -t $p -n ss -K -H -t state established '( dport = :443 or dport = :6443 )' | wc -l; done`
  const counts = await kubectl(['exec', NAME, '-n', WHERE, '--', 'sh', '-c', script])
  return counts.split('\n').reduce((sum, line) => sum + Number(line), 0)
}

/** The head of a shell loop over the processes of a pod whose command line holds the text; `done` ends it. */
function processesOf(podUid: string, command: string): string {
  const uids = `${podUid}\\|${podUid.replaceAll('-', '_')}`
  return `for d in /proc/[0-9]*; do p=\${d#/proc/}
    grep -q '${uids}' $d/cgroup 2>/dev/null && tr '\\0' ' ' < $d/cmdline 2>/dev/null | grep -q '${command}' || continue`
}

/** Sends a signal to the process of a pod whose command line holds the text; tells how many it hit. */
export async function signalProcess(podUid: string, command: string, signal: 'KILL' | 'TERM'): Promise<number> {
  await hand()
  const script = `n=0; ${processesOf(podUid, command)}
    kill -${signal} $p && n=$((n+1)); done; echo $n`
  return Number(await kubectl(['exec', NAME, '-n', WHERE, '--', 'sh', '-c', script]))
}
