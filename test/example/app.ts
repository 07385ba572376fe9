import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AtEnd, freePort, type Running, start } from '../support/processes.ts'

export type AppOptions = {
  /** For its configuration: made if it is not there. */
  readonly dir: string
  readonly publicUrl: string
  /** What its configuration file holds. */
  readonly file: object
  readonly env: Readonly<Record<string, string>>
  /** The end of the test, unless another is given. */
  readonly atEnd?: AtEnd
}

export type App = { readonly port: number; readonly process: Running }

/** The example as a process of its own, as its image starts it. */
export async function startApp({ dir, publicUrl, file, env, atEnd }: AppOptions): Promise<App> {
  mkdirSync(dir, { recursive: true })
  const CONFIG_FILE = join(dir, 'config.json')
  writeFileSync(CONFIG_FILE, JSON.stringify(file))
  const port = await freePort()
  const process = start({
    program: '../examples/web-login/main.ts',
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      CONFIG_FILE,
      AWS_REGION: 'us-east-1',
      NODE_ENV: 'production',
      ...env,
    },
    ...(atEnd !== undefined && { atEnd }),
  })
  await process.said(/"msg":"started"/)
  return { port, process }
}
