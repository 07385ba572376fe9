import { failOn, fixOf, toFailure } from '../../src/errors/index.ts'
import { type Discovery, type PublicKey, readDiscovery, readKeys } from '../../src/issuer/index.ts'
import { clusterReader } from '../../src/kubernetes/index.ts'
import type { GivenFlags } from '../../src/terminal/flags.ts'
import { readText } from '../configFile.ts'
import { openOwnCluster } from '../ownCluster.ts'

export type IssuerDocuments = { readonly discovery: Discovery; readonly keys: readonly PublicKey[] }

const DISCOVERY = '/.well-known/openid-configuration'
const KEYS = '/openid/v1/jwks'

/** What the API server itself says of its issuer, by the caller's kubeconfig. Rejects with a Failure. */
export async function readClusterDocuments({ texts }: GivenFlags): Promise<IssuerDocuments> {
  const cluster = await openOwnCluster({ kubeconfig: texts['kubeconfig'], context: texts['context'] })
  try {
    const { text } = clusterReader(cluster)
    const [discovery, keys] = await Promise.all([
      text({ path: DISCOVERY, title: `the cluster's ${DISCOVERY}` }),
      text({ path: KEYS, title: `the cluster's ${KEYS}` }),
    ])
    return documentsOf(discovery, `the cluster's ${DISCOVERY}`, keys, `the cluster's ${KEYS}`)
  } finally {
    cluster.close()
  }
}

/** The same of files. Throws Failure. */
export const readFileDocuments = (discovery: string, keys: string): IssuerDocuments =>
  documentsOf(readText(discovery, '--discovery-file'), discovery, readText(keys, '--jwks-file'), keys)

const documentsOf = (discovery: string, place: string, keys: string, keysPlace: string): IssuerDocuments => ({
  discovery: readDiscovery(discovery, place),
  keys: readKeys(keys, keysPlace),
})

/** As it is given, else as the cluster says it. */
export async function issuerOr(issuer: string | undefined, given: GivenFlags): Promise<string> {
  if (issuer !== undefined) return issuer
  try {
    return (await readClusterDocuments(given)).discovery.issuer
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (failure.code !== 'ClusterConfigurationMissing') throw failure
    const either = (fix: string): string => `Give --issuer URL, exactly as the tokens have it. Or: ${fix}`
    failOn(failure.problems.map((each) => ({ ...each, fix: either(fixOf(each)) })))
    throw failure
  }
}
