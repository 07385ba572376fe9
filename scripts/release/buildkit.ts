/** BuildKit itself, compiled at its pinned version and run for one build: no daemon of the machine is asked. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { run } from '../check/run.ts'
import { BUILDKIT } from './imageBuild.ts'

/** Runs a program that must succeed. Throws with the end of what it said. */
export async function must(root: string, program: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run(root, program, args)
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output.slice(-4000)}`)
  return output
}

/** The folder with buildkitd and buildctl, which are compiled where they are missing: minutes, once. */
export async function installBuildkit(root: string): Promise<string> {
  const folder = join(root, '.ci', 'cache', `buildkit-${BUILDKIT}`)
  if (['buildkitd', 'buildctl'].every((name) => existsSync(join(folder, name)))) return folder
  mkdirSync(folder, { recursive: true })
  const module = join(root, 'scripts/release/builder')
  await must(root, 'env', 'CGO_ENABLED=0', `GOBIN=${folder}`, 'go', 'install', '-C', module, '-trimpath', 'tool')
  return folder
}

export type Builder = {
  /** Runs `buildctl` with these arguments. Throws with the end of what it said. */
  readonly build: (args: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts a builder with nothing in its cache, whose state is in this folder. It needs root, and runc. */
export async function startBuilder(root: string, programs: string, folder: string): Promise<Builder> {
  mkdirSync(folder, { recursive: true })
  const [address, log] = [`unix://${join(folder, 'socket')}`, join(folder, 'log')]
  const worker = ['--oci-worker=true', '--containerd-worker=false', '--oci-worker-net=host']
  const args = ['--config', '/dev/null', '--root', join(folder, 'state'), '--addr', address, ...worker]
  const daemon = spawn(join(programs, 'buildkitd'), args, { stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')] })
  const ended = once(daemon, 'close').catch((thrown: unknown) => thrown)
  const control = (...more: readonly string[]) => run(root, join(programs, 'buildctl'), ['--addr', address, ...more])
  const stop = async (): Promise<void> => {
    if (isRunning(daemon)) daemon.kill('SIGTERM')
    await ended
  }
  await waitFor(daemon, () => control('debug', 'workers').then(({ code }) => code === 0)).catch(async () => {
    await stop()
    throw new Error(`buildkitd does not start:\n${readFileSync(log, 'utf8').slice(-4000)}`)
  })
  return {
    stop,
    build: async (what) => {
      const { code, output } = await control(...what)
      if (code !== 0) throw new Error(`the build failed:\n${output.slice(-4000)}`)
      return output
    },
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

const [TRIES, PAUSE] = [100, 200]

async function waitFor(daemon: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < TRIES && isRunning(daemon); tried += 1) {
    if (await isReady()) return
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
  throw new Error('not ready')
}

/** `linux/amd64` or `linux/arm64`: what this machine builds without another's programs. */
export const platformHere = (): string => `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
