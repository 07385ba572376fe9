import { describe, expect, test } from 'vitest'
import { chooseFocus } from '../../../../src/doctor/cluster/focus.ts'
import type { SidecarStory, Subject } from '../../../../src/doctor/ground.ts'
import { gen, type Json } from '../../../support/gen.ts'
import { injectedPod, podInState } from './world.ts'

const subject = (title: string, pod: Json, isLive = true): Subject => ({
  title,
  namespace: 'shop',
  pod,
  isLive,
  renew: '',
})
const QUIET: SidecarStory = { failing: [], samples: [], unread: [] }
const FAILING: SidecarStory = {
  ...QUIET,
  failing: [{ session: 'default', problem: { code: 'StsTimeout', message: 'no' }, at: undefined }],
}
const never = () => expect.unreachable()
const tell =
  (failing?: string) =>
  async ({ title }: Subject) =>
    title === failing ? FAILING : QUIET

describe('the pod that is looked at in depth', () => {
  const [a, b] = [subject('a', injectedPod()), subject('b', injectedPod())]
  const template = subject('template', gen.pod(), false)
  const over = subject('over', { ...injectedPod(), status: { phase: 'Failed' } })

  test('is one that can tell, before a template', async () => {
    expect(await chooseFocus([template, over, a], never)).toBe(a)
    expect(await chooseFocus([template, over], never)).toBe(template)
    expect(await chooseFocus([], never)).toBeUndefined()
  })

  test('is one that does not run, without asking', async () => {
    const stuck = subject('stuck', podInState({ state: { waiting: {} } }))
    expect(await chooseFocus([stuck, a, b], never)).toBe(stuck)
  })

  test('is one that tells of a failure, else the first', async () => {
    expect(await chooseFocus([a, b], tell('b'))).toBe(b)
    expect(await chooseFocus([a, b], tell())).toBe(a)
  })
})
