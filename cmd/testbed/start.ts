import { readFile } from 'node:fs/promises'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { startControl } from '../../src/testbed/control/server.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type IdentityProvider,
  type IssuedCertificate,
  type RequestRecord,
  type Role,
  type SamlProvider,
  startSts,
} from '../../src/testbed/index.ts'
import { readText } from '../configFile.ts'
import type { Running } from '../run.ts'
import { writeTo } from '../writeTo.ts'
import type { TestbedConfig } from './config.ts'
import { startLogins } from './logins.ts'
import { named } from './named.ts'
import { statementsFor } from './statements.ts'

/** The STS of the testbed as a process: https with a certificate that is given or its own, and a control port. */
export async function startTestbed(config: TestbedConfig): Promise<Running> {
  const { accountId, partition, dialect, host, port, controlPort, providers } = config
  const log = createLog({ level: 'info', now: Date.now, write: writeTo(1) })
  const { certificate, authority } = await identify(config.identity)
  const logins = await startLogins(config, authority)
  const account = {
    providers: providers.map(toProvider),
    samlProviders: config.samlProviders.map(toSamlProvider),
    logins: logins.map(({ provider }) => provider),
    roles: rolesOf(config),
  }
  const onRequest = (record: RequestRecord): void => tellRequest(log, record)
  const options = { accountId, partition, dialect, host, port, certificate, now: Date.now, onRequest }
  const sts = await named('port', startSts({ ...options, ...account }))
  const issue = new Map(logins.map(({ name, issueToken }) => [name, issueToken]))
  const about = { host, port: controlPort, logins: issue, ...(authority !== undefined && { ca: authority.pem }) }
  const control = await named('controlPort', startControl({ sts, ...about }))
  log.info('testbed started', { port, controlPort, issuers: providers.map(({ url }) => url) })
  const stop = async (): Promise<void> => {
    await control.stop()
    await sts.stop()
    for (const login of logins) await login.stop()
    log.info('testbed stopped')
  }
  return { stop }
}

type Identified = { readonly certificate: IssuedCertificate; readonly authority?: CertificateAuthority }

/** The key of an authority of its own exists nowhere else, and is lost with the process. */
async function identify(identity: TestbedConfig['identity']): Promise<Identified> {
  if ('certFile' in identity) {
    const { certFile, keyFile } = identity
    return { certificate: { cert: readText(certFile, 'certFile'), key: readText(keyFile, 'keyFile') } }
  }
  const authority = await createCertificateAuthority({ name: 'lanyard testbed', now: Date.now })
  return { certificate: await authority.issue(identity.hosts), authority }
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

function toSamlProvider(
  { name, metadata, metadataFile }: TestbedConfig['samlProviders'][number],
  at: number,
): SamlProvider {
  const text = metadataFile === undefined ? metadata : readText(metadataFile, `samlProviders[${at}].metadataFile`)
  return { name, metadata: text ?? '' }
}

function rolesOf(config: TestbedConfig): Role[] {
  return config.roles.map(({ trust, trustPolicy: document, ...role }) => ({
    ...role,
    trustPolicy: document ?? { Version: '2012-10-17', Statement: trust.flatMap((one) => statementsFor(one, config)) },
  }))
}
