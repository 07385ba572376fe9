import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Pod } from '../integration/sidecar/pod.ts'

export type Operation = {
  readonly kind: 'put' | 'get'
  readonly bucket: string
  readonly key: string
  /** What is put. */
  readonly text?: string
}
/** What was got, or the name and the message of what was thrown. */
export type Outcome = { readonly text: string } | { readonly error: string }

const program = fileURLToPath(new URL('./appChild.ts', import.meta.url))

/** Runs an app of the pod, with the variables of its container and no others. */
export async function runApp(
  pod: Pod,
  s3: { readonly endpoint: string; readonly caFile: string },
  operations: readonly Operation[],
): Promise<readonly Outcome[]> {
  const args = [program, s3.endpoint, ...operations.map((operation) => JSON.stringify(operation))]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${pod.ports.credentials}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: pod.path('endpoint', 'app', 'token'),
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      NODE_EXTRA_CA_CERTS: s3.caFile,
      HOME: pod.directory,
    },
    timeout: 60_000,
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome)
}
