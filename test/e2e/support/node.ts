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

/** Sends a signal to the process of a pod whose command line holds the text; tells how many it hit. */
export async function signalProcess(podUid: string, command: string, signal: 'KILL' | 'TERM'): Promise<number> {
  await hand()
  const uids = `${podUid}\\|${podUid.replaceAll('-', '_')}`
  const script = `n=0; for p in /proc/[0-9]*; do
    if grep -q '${uids}' $p/cgroup 2>/dev/null && tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q '${command}'; then
      kill -${signal} \${p#/proc/} && n=$((n+1)); fi; done; echo $n`
  return Number(await kubectl(['exec', NAME, '-n', WHERE, '--', 'sh', '-c', script]))
}
