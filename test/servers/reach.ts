import { request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Process } from '../conformance/process.ts'

export type Keys = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const READY_WITHIN = 60_000

/** Resolves when that URL answers 200. Throws with what the server said, where it has not within a minute. */
export async function untilReady(url: string, ca: string, server: Process): Promise<void> {
  const deadline = Date.now() + READY_WITHIN
  while (!(await answers(url, ca))) {
    if (Date.now() > deadline)
      throw new Error(`${url} does not answer within ${READY_WITHIN / 1000} s: ${server.stderr().trim().slice(-1_000)}`)
    await pause(100)
  }
}

const answers = (url: string, ca: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(url, { ca, agent: false, timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked
      .on('error', () => resolve(false))
      .on('timeout', () => asked.destroy())
      .end()
  })
