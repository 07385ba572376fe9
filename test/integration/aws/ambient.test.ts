import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { authority, type Raw, startRaw, successXml } from './support.ts'

const home = mkdtempSync(join(tmpdir(), 'lanyard-ambient-'))
afterAll(() => rmSync(home, { recursive: true }))

const nobody = 'https://127.0.0.1:1'
mkdirSync(join(home, '.aws'))
const poisonedConfig = `
region = mars-north-1
endpoint_url = ${nobody}
use_fips_endpoint = perhaps
use_dualstack_endpoint = perhaps
max_attempts = many
retry_mode = bogus
defaults_mode = bogus
sdk_ua_app_id = poisoned
credential_process = false
`
writeFileSync(join(home, '.aws', 'config'), `[default]${poisonedConfig}[profile poisoned]${poisonedConfig}`)
writeFileSync(join(home, '.aws', 'credentials'), '[default]\naws_access_key_id = AKIAPOISONED\n')
writeFileSync(join(home, 'ca.pem'), authority.pem)

const poison = {
  HOME: home,
  AWS_REGION: 'mars-north-1',
  AWS_DEFAULT_REGION: 'mars-north-1',
  AWS_PROFILE: 'poisoned',
  AWS_CONFIG_FILE: join(home, '.aws', 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws', 'credentials'),
  AWS_ACCESS_KEY_ID: 'AKIAPOISONED',
  AWS_SECRET_ACCESS_KEY: 'poisoned',
  AWS_ENDPOINT_URL: nobody,
  AWS_ENDPOINT_URL_STS: nobody,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: nobody,
  AWS_CA_BUNDLE: join(home, 'missing.pem'),
  AWS_USE_FIPS_ENDPOINT: 'perhaps',
  AWS_USE_DUALSTACK_ENDPOINT: 'perhaps',
  AWS_MAX_ATTEMPTS: 'many',
  AWS_RETRY_MODE: 'bogus',
  AWS_DEFAULTS_MODE: 'bogus',
  AWS_STS_REGIONAL_ENDPOINTS: 'bogus',
  AWS_AUTH_SCHEME_PREFERENCE: 'sigv4',
  AWS_SIGV4A_SIGNING_REGION_SET: 'mars-north-1',
  AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026: 'true',
  AWS_SDK_UA_APP_ID: 'poisoned',
  AWS_EXECUTION_ENV: 'poisoned',
  AWS_LAMBDA_FUNCTION_NAME: 'poisoned',
  _X_AMZN_TRACE_ID: 'Root=poisoned',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  https_proxy: 'http://127.0.0.1:1',
}

/** The SDK looks at these while it is loaded, or for what is overridden; none changes a call. */
const harmless = [
  'AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026',
  'AWS_LAMBDA_BENCHMARK_MODE',
  'AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA',
  'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
]

type Implementation = 'sdk' | 'direct'

async function run(implementation: Implementation, env: Record<string, string>, endpoint: string) {
  const child = fileURLToPath(new URL('./ambientChild.ts', import.meta.url))
  const given = [child, endpoint, join(home, 'ca.pem'), implementation]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, given, { env })
  const report = JSON.parse(stdout) as { outcome: string; files: string[]; variables: string[] }
  return { ...report, stderr }
}

describe.each(['sdk', 'direct'] as const)('what surrounds the process of %s', (implementation) => {
  it('changes nothing and is not even read', async () => {
    const raw: Raw = await startRaw((response) => {
      const [, operation = ''] = /\bAction=(\w+)/.exec(raw.seen.at(-1)?.body ?? '') ?? []
      response.end(successXml().replaceAll('AssumeRoleWithWebIdentity', operation))
    })
    try {
      const report = await run(implementation, poison, raw.url)
      expect(report.outcome).toBe('ASIAEXAMPLE')
      expect(report.stderr).toBe('')
      const read = report.variables.filter((name) => /AWS|AMZN|HOME|PROFILE|PROXY/i.test(name))
      expect(read.filter((name) => implementation === 'direct' || !harmless.includes(name))).toEqual([])
      expect(report.files.filter((path) => path.startsWith(home))).toEqual([])
      expect(raw.seen.map(({ headers }) => headers.authorization?.includes('Credential=ASIAGIVEN/'))).toEqual([
        undefined,
        ...(implementation === 'sdk' ? [true] : []),
      ])
      expect(JSON.stringify(raw.seen)).not.toMatch(/poison|mars/i)
    } finally {
      await raw.stop()
    }
  })

  it('cannot turn the check of certificates off', async () => {
    const raw = await startRaw((response) => response.end(successXml()), await authority.issue(['sts.example.com']))
    try {
      const report = await run(implementation, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, raw.url)
      expect(report.outcome).toContain('StsUntrusted')
      expect(raw.seen).toHaveLength(0)
    } finally {
      await raw.stop()
    }
  })
})
