/**
 * {@link startOidcProvider} as a process, for a pod or beside a browser: its options are a JSON object in the first
 * argument or in OIDC_PROVIDER_CONFIG. Instead of `ca` and `certificate`: `certFile` and `keyFile`, or `hosts`, the names
 * that an authority of its own certifies. `serviceAccounts` takes `caFile` and `tokenFile`, read for each use. It prints one
 * line of JSON, `{"url", "ca"}`, when it listens, and stops on SIGTERM. `GET /healthz` answers 200.
 *
 * @example
 * node test/support/oidcProviderMain.ts '{"hosts":["127.0.0.1"],"port":9443,"accounts":[…],"clients":[…]}'
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createCertificateAuthority } from '../../src/testbed/index.ts'
import { type OidcProviderOptions, type ServiceAccountIssuer, startOidcProvider } from './oidcProvider.ts'

type Cluster = Pick<ServiceAccountIssuer, 'issuer'> & { readonly caFile?: string; readonly tokenFile?: string }
type Config = Omit<OidcProviderOptions, 'ca' | 'certificate' | 'serviceAccounts'> & {
  readonly hosts?: readonly string[]
  readonly certFile?: string
  readonly keyFile?: string
  readonly serviceAccounts?: Cluster
}

const read = (path: string): string => readFileSync(path, 'utf8')

async function identify({ hosts = ['127.0.0.1', 'localhost'], certFile, keyFile }: Config) {
  if (certFile !== undefined && keyFile !== undefined) {
    return { certificate: { cert: read(certFile), key: read(keyFile) }, ca: undefined }
  }
  const authority = await createCertificateAuthority({ name: 'test login', now: Date.now })
  return { certificate: await authority.issue(hosts), ca: authority.pem }
}

const toCluster = ({ issuer, caFile, tokenFile }: Cluster): ServiceAccountIssuer => ({
  issuer,
  ...(caFile !== undefined && { ca: read(caFile) }),
  ...(tokenFile !== undefined && { bearer: () => read(tokenFile).trim() }),
})

const config = JSON.parse(process.argv[2] ?? process.env['OIDC_PROVIDER_CONFIG'] ?? '{}') as Config
const { hosts: _hosts, certFile: _certFile, keyFile: _keyFile, serviceAccounts, ...options } = config
const { certificate, ca } = await identify(config)
const provider = await startOidcProvider({
  ...options,
  certificate,
  ...(serviceAccounts !== undefined && { serviceAccounts: toCluster(serviceAccounts) }),
})
process.stdout.write(`${JSON.stringify({ url: provider.url, ca })}\n`)
process.once('SIGTERM', () => void provider.stop())
process.once('SIGINT', () => void provider.stop())
