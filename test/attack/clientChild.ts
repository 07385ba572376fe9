/**
 * An app that asks for credentials twenty times a second, by the default chain of the AWS SDK for JavaScript and nothing
 * but its variables; each time by a new client, for an old one would still have them.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import process from 'node:process'
import { STSClient } from '@aws-sdk/client-sts'

/** One request for credentials: when it began (Date.now), and how many milliseconds it took. */
export type Asked = { readonly at: number; readonly took: number; readonly error?: string }

const PACE = 50
/** Each provider of the container protocol has a pool of its own, and leaves its connection when nobody has it any more. */
const ABANDONED_AFTER = 2_000

function closeAbandoned(message: unknown): void {
  const { socket } = message as { readonly socket: Socket }
  const timer = setTimeout(() => socket.destroy(), ABANDONED_AFTER)
  socket.once('close', () => clearTimeout(timer))
}
if (process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] !== undefined) subscribe('net.client.socket', closeAbandoned)

async function askOnce(): Promise<void> {
  const [at, began] = [Date.now(), performance.now()]
  const tell = (error?: string): void => {
    const asked = { at, took: performance.now() - began, ...(error === undefined ? {} : { error }) }
    process.send?.(asked satisfies Asked)
  }
  try {
    const { accessKeyId, expiration } = await new STSClient({}).config.credentials()
    const held = accessKeyId.startsWith('ASIA') && Number(expiration) > Date.now()
    tell(held ? undefined : 'these are no credentials')
  } catch (error) {
    tell(String(error))
  }
}

process.on('disconnect', () => process.exit())
setInterval(() => void askOnce(), PACE)
