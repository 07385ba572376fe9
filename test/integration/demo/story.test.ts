import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type Programs, setStage, tellStory } from '../../../src/demo/index.ts'
import { textReport } from '../../../src/terminal/report.ts'
import { plain } from '../../unit/terminal/plain.ts'

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const programs: Programs = {
  node: process.execPath,
  lanyard: file('cmd/lanyard.ts'),
  sidecar: file('cmd/demoSidecar.ts'),
  wait: file('cmd/wait.ts'),
  app: file('src/demo/app.ts'),
}

async function stage(trusted?: string, full = false) {
  const set = await setStage(programs, trusted)
  onTestFinished(() => set.strike())
  let text = ''
  const report = textReport((part) => {
    text += part
  }, plain)
  return { stage: set, tell: () => tellStory({ stage: set, report, style: plain, full }), text: () => text }
}

test('the story is told step by step, each for real', async () => {
  const { stage: set, tell, text } = await stage()
  const { ports, tokenFile, mapping } = await tell()
  expect(tokenFile).toBe(join(set.root, 'volumes', 'lanyard-endpoint', 'app', 'token'))
  expect(text().match(/^\d\. .+$/gm)).toEqual([
    '1. A cluster with an OIDC issuer, and an AWS account that trusts it',
    '2. A Deployment asks for a role, and its pod goes through the webhook',
    '3. The patched pod starts: each of its places is one of this machine',
    '4. The app asks AWS who it is: an AWS SDK as it is, and no key',
    "5. 31 minutes pass (by the sidecar's clock): credentials are renewed",
    '6. STS fails, and 31 minutes more pass: nobody notices',
    '7. What Prometheus scrapes',
  ])
  expect(text()).toContain('   arn:aws:sts::111122223333:assumed-role/web/shop.web.web-7d4b9c6f5d-x2x7k\n')
  expect(text()).toMatch(/^ {3}\+ {4}- name: lanyard$/m)
  expect(text()).toMatch(/operations of JSON Patch; a second pass changes nothing\.$/m)
  expect(text()).toMatch(new RegExp(`^ {3}lanyard +9797 +${ports.credentials}$`, 'm'))
  expect(text()).toMatch(/^ {3}lanyard_credentials_refreshes_total\{.*result="success",code="none"\} 2$/m)
  expect(mapping.app.map(({ inPod }) => inPod)).toContain('/var/run/secrets/lanyard.dev')

  const codes = set.outside.sts.requests.map(({ action, code }) => `${action}: ${code}`)
  expect(codes.filter((each) => each === 'AssumeRoleWithWebIdentity: Success')).toHaveLength(2)
  expect(codes.filter((each) => each === 'GetCallerIdentity: Success').length).toBeGreaterThanOrEqual(4)
  await set.strike()
  expect(() => readdirSync(set.root)).toThrow('ENOENT')
})
