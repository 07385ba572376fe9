/** Files of an app's own users in S3, each user with AWS credentials of their own: reads the configuration and listens. */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createApp } from './src/app.ts'
import { readConfig } from './src/config.ts'

const REQUEST_TIMEOUT = 60_000

const print = (line: string): void => void process.stdout.write(`${line}\n`)

function main(): void {
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const app = createApp({ config, now: Date.now, print })
  const server = app.listen(config.port, config.host, (error) => {
    if (error !== undefined) throw error
    print(JSON.stringify({ msg: 'started', address: server.address(), publicUrl: config.publicUrl.origin }))
  })
  server.requestTimeout = REQUEST_TIMEOUT
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      server.close()
      server.closeIdleConnections()
    })
}

try {
  main()
} catch (error) {
  process.stderr.write(`web-login: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
