import { readFile } from 'node:fs/promises'
import { Failure } from '../../src/errors/index.ts'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { startControl } from '../../src/testbed/control/server.ts'
import {
  createCertificateAuthority,
  type IdentityProvider,
  type IssuedCertificate,
  type RequestRecord,
  type Role,
  startSts,
  TestbedError,
  type TrustStatement,
  trustPolicy,
} from '../../src/testbed/index.ts'
import { readText } from '../configFile.ts'
import type { Running } from '../run.ts'
import { writeTo } from '../writeTo.ts'
import type { TestbedConfig } from './config.ts'

/** The STS of the testbed as a process: https with a certificate that is given or its own, and a control port. */
export async function startTestbed(config: TestbedConfig): Promise<Running> {
  const { accountId, partition, host, port, controlPort, providers } = config
  const log = createLog({ level: 'info', now: Date.now, write: writeTo(1) })
  const { certificate, ca } = await identify(config.identity)
  const options = { accountId, partition, host, port, certificate, now: Date.now }
  const account = { providers: providers.map(toProvider), roles: rolesOf(config) }
  const onRequest = (record: RequestRecord): void => tellRequest(log, record)
  const sts = await named('port', startSts({ ...options, ...account, onRequest }))
  const control = await named(
    'controlPort',
    startControl({ sts, host, port: controlPort, ...(ca !== undefined && { ca }) }),
  )
  log.info('testbed started', { port, controlPort, issuers: providers.map(({ url }) => url) })
  const stop = async (): Promise<void> => {
    await control.stop()
    await sts.stop()
    log.info('testbed stopped')
  }
  return { stop }
}

type Identified = { readonly certificate: IssuedCertificate; readonly ca?: string }

/** The key of an authority of its own exists nowhere else, and is lost with the process. */
async function identify(identity: TestbedConfig['identity']): Promise<Identified> {
  if ('certFile' in identity) {
    const { certFile, keyFile } = identity
    return { certificate: { cert: readText(certFile, 'certFile'), key: readText(keyFile, 'keyFile') } }
  }
  const authority = await createCertificateAuthority({ name: 'lanyard testbed', now: Date.now })
  return { certificate: await authority.issue(identity.hosts), ca: authority.pem }
}

function tellRequest(log: Log, { action, code, status, role, requestId }: RequestRecord): void {
  log.info('request answered', { action, code, status, role, requestId })
}

/** The token is read for each use: kubelet renews it. */
function toProvider(
  { url, clientIds, caFile, tokenFile }: TestbedConfig['providers'][number],
  at: number,
): IdentityProvider {
  return {
    url,
    clientIds,
    ...(caFile !== undefined && { ca: readText(caFile, `providers[${at}].caFile`) }),
    ...(tokenFile !== undefined && { bearer: async () => (await readFile(tokenFile, 'utf8')).trim() }),
  }
}

function rolesOf(config: TestbedConfig): Role[] {
  return config.roles.map(({ name, path, maxSessionDuration, trust, trustPolicy: document }) => ({
    name,
    path,
    maxSessionDuration,
    trustPolicy: document ?? { Version: '2012-10-17', Statement: trust.flatMap((one) => statementsFor(one, config)) },
  }))
}

/** One for each provider, since the tokens of any may name the service account. */
function statementsFor(
  trusted: TestbedConfig['roles'][number]['trust'][number],
  { accountId, partition, providers }: TestbedConfig,
): TrustStatement[] {
  return providers.flatMap(({ url }) =>
    [trustPolicy({ ...trusted, issuer: url, accountId, partition }).Statement].flat(),
  )
}

/** What the account or the address cannot be, as a failure that names the setting. */
async function named<T>(setting: 'port' | 'controlPort', starting: Promise<T>): Promise<T> {
  try {
    return await starting
  } catch (thrown) {
    if (thrown instanceof TestbedError) throw new Failure({ code: 'SettingInvalid', message: thrown.message })
    const cause = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
    throw new Failure({
      code: cause === 'EADDRINUSE' ? 'PortInUse' : 'ListenFailed',
      field: setting,
      message: `it cannot be listened on (${cause})`,
    })
  }
}
