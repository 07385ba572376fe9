import { readFileSync } from 'node:fs'

/** The variables that the image sets: lines `ENV NAME=VALUE` of its Dockerfile. */
export function imageEnv(): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  return Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}
