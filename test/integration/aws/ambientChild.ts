/**
 * Two exchanges in a process of its own, one signed where the implementation signs, that notes what is read of the environment
 * and of the file system on the way. Arguments: the endpoint, the file of its authority, `sdk` or `direct`.
 */
import fs, { readFileSync } from 'node:fs'
import fsPromises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [endpoint = '', caFile = '', implementation] = process.argv.slice(2)
const ca = readFileSync(caFile, 'utf8')
const files: string[] = []
const variables = new Set<string>()

function spy(module: Record<string, unknown>, name: string): void {
  const original = module[name] as (...parameters: unknown[]) => unknown
  module[name] = (...parameters: unknown[]) => {
    files.push(String(parameters[0]))
    return original(...parameters)
  }
}
for (const name of ['readFile', 'open', 'readFileSync', 'openSync', 'existsSync', 'statSync']) {
  spy(fs as unknown as Record<string, unknown>, name)
}
for (const name of ['readFile', 'open', 'stat']) spy(fsPromises as unknown as Record<string, unknown>, name)
syncBuiltinESMExports()

process.env = new Proxy(process.env, {
  get: (target, name) => {
    variables.add(String(name))
    return Reflect.get(target, name)
  },
})

const open =
  implementation === 'direct'
    ? (await import('../../../src/stsDirect/index.ts')).createDirectSts
    : (await import('../../../src/aws/index.ts')).createSts
const sts = open({ region: 'eu-west-1', endpoint, ca, connectTimeout: 5_000, totalTimeout: 20_000, now: Date.now })
const request = {
  roleArn: 'arn:aws:iam::123456789012:role/shop-web',
  roleSessionName: 'shop.web.web-1',
  token: 'a.b.c',
  durationSeconds: 3600,
}
const keys = { accessKeyId: 'ASIAGIVEN', secretAccessKey: 'given', sessionToken: 'given' }
const { signal } = new AbortController()
const { token: _, ...chained } = request
const outcome = await sts
  .assumeRoleWithWebIdentity(request, signal)
  .then((answer) => (implementation === 'direct' ? answer : sts.assumeRole(chained, keys, signal)))
  .then(
    (answer) => answer.accessKeyId,
    (reason: unknown) => String(reason),
  )
console.log(JSON.stringify({ outcome, files, variables: [...variables] }))
