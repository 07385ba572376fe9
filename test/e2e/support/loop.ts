/** An app that asks all the time, by boto3 as it is: a new session for every call, so that each asks the sidecar. */
import { logs, waitFor } from './kubectl.ts'

export const LOOP = `cat > /tmp/loop.py <<'END'
import boto3, hashlib, time
calls = failures = 0
while True:
    token = hashlib.sha256(open('/var/run/secrets/lanyard.dev/token').read().encode()).hexdigest()[:16]
    try:
        boto3.session.Session().client('sts', region_name='eu-west-1').get_caller_identity()
        calls += 1
    except Exception as error:
        failures += 1
        print('FAILED', type(error).__name__, str(error)[:200], flush=True)
    print('calls', calls, 'failures', failures, 'token', token, flush=True)
    time.sleep(0.2)
END
exec python3 /tmp/loop.py`

export type Looped = {
  readonly calls: number
  readonly failures: number
  readonly token: string
  readonly problems: readonly string[]
}

export async function looped(pod: string, namespace: string): Promise<Looped> {
  const lines = (await logs(pod, namespace, 'app')).trim().split('\n')
  const last = /^calls (\d+) failures (\d+) token (\w+)$/.exec(
    lines.findLast((line) => line.startsWith('calls ')) ?? '',
  )
  return {
    calls: Number(last?.[1] ?? 0),
    failures: Number(last?.[2] ?? 0),
    token: last?.[3] ?? '',
    problems: lines.filter((line) => line.startsWith('FAILED')),
  }
}

/** Waits until it has made so many more calls. */
export async function moreCalls(pod: string, namespace: string, count: number, seconds = 90): Promise<Looped> {
  const { calls } = await looped(pod, namespace)
  return waitFor(
    `${count} more calls of ${pod}`,
    async () => {
      const now = await looped(pod, namespace)
      return now.calls + now.failures >= calls + count ? now : undefined
    },
    { seconds, every: 1 },
  )
}
