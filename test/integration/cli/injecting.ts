import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finished, finish, scratch } from '../../support/processes.ts'

export const ROLE = 'arn:aws:iam::111122223333:role/app'

const linesOf = (annotations: Readonly<Record<string, string>>): string =>
  Object.entries(annotations)
    .map(([name, value]) => `\n    ${name}: "${value}"`)
    .join('')

/** What has a pod's metadata and spec. */
const template = (annotations: Readonly<Record<string, string>>): string => `
metadata:
  annotations:${linesOf(annotations)}
spec:
  containers:
    - name: app
      image: app:1
`
const indented = (text: string, by: number): string => text.trim().replaceAll(/^/gm, ' '.repeat(by))

export const asks = { 'lanyard.dev/role-arn': ROLE }
const USUAL_NAME = 'web'

export const pod = (annotations: Readonly<Record<string, string>> = asks, name = USUAL_NAME): string =>
  `apiVersion: v1\nkind: Pod${template(annotations).replace('metadata:', `metadata:\n  name: ${name}`)}`

export const workload = (
  kind: string,
  apiVersion: string,
  annotations: Readonly<Record<string, string>> = asks,
): string =>
  `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${USUAL_NAME}
spec:
  template:
${indented(template(annotations), 4)}
`

export const cronJob = `apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${USUAL_NAME}
spec:
  schedule: "0 0 * * *" # at midnight
  jobTemplate:
    spec:
      template:
${indented(template(asks), 8)}
`

export const CONFIG = 'aws: {region: eu-west-1}\nsidecar: {image: "registry.example.com/lanyard:1"}\n'

type Call = { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> }

/** A folder with these files, and `lanyard inject` in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = scratch()
  for (const [name, text] of Object.entries({ 'config.yaml': CONFIG, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const inject = (args: readonly string[], call: Call = {}): Promise<Finished> =>
    finish({ program: 'lanyard.ts', args: ['inject', ...args], cwd: folder, ...call })
  return { folder, inject }
}
