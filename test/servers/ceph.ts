import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import type { CertificateAuthority } from '../../src/testbed/index.ts'
import { type Cluster, startCluster } from './ceph/cluster.ts'
import { callIam } from './ceph/iam.ts'
import type { Keys } from './reach.ts'
import { createS3 } from './s3.ts'

export type CephOptions = {
  /** An empty directory, or one to be made; whoever names it removes it after `stop`. */
  readonly dir: string
  /** Signs the gateway's certificate. */
  readonly ca: CertificateAuthority
}

export type CephRole = {
  readonly name: string
  /** `/`, or with one at both ends. */
  readonly path?: string
  /** Who may assume it, as an object of IAM's policy language. */
  readonly trust: object
  /** What it may do. */
  readonly policy: object
}

export type OidcProvider = {
  /** The issuer, exactly as tokens name it. */
  readonly url: string
  /** What `aud` (or `azp`) may be. */
  readonly clientIds: readonly string[]
  /** SHA-1 of the certificates (`x5c`) of its signing keys, as hexadecimal capitals. */
  readonly thumbprints: readonly string[]
}

/** A real STS and S3: Ceph's object gateway, from Debian's packages. */
export type Ceph = {
  /** For STS and for S3 (by path). */
  readonly endpoint: string
  /** The keys of who owns the buckets. */
  readonly keys: Keys
  readonly createBucket: (name: string) => Promise<void>
  /** Answers its ARN, which has no account. */
  readonly createRole: (role: CephRole) => Promise<string>
  /** Answers its ARN, to be the Federated principal of a trust. Its condition keys begin with the URL without https://. */
  readonly registerOidcProvider: (provider: OidcProvider) => Promise<string>
  /** An S3 client of an owner of buckets, or with other keys. */
  readonly s3: (keys?: Keys) => S3Client
  readonly configuration: Cluster['configuration']
  readonly log: Cluster['log']
  readonly stop: () => Promise<void>
}

/** What it needs, by Debian's packages. */
export const cephPackages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'] as const

/** Takes some ten seconds. Throws with what the daemons said, where they do not come up. */
export async function startCeph({ dir, ca }: CephOptions): Promise<Ceph> {
  const cluster = await startCluster(dir, ca)
  const { endpoint, keys } = cluster
  const iam = (parameters: Readonly<Record<string, string>>): Promise<string> =>
    callIam({ endpoint, ca: ca.pem, keys }, parameters)
  const s3: Ceph['s3'] = (by = keys) => createS3({ endpoint, ca: ca.pem, keys: by })
  return {
    endpoint,
    keys,
    s3,
    createBucket: async (name) => void (await s3().send(new CreateBucketCommand({ Bucket: name }))),
    createRole: async ({ name, path = '/', trust, policy }) => {
      const AssumeRolePolicyDocument = JSON.stringify(trust)
      const made = await iam({ Action: 'CreateRole', RoleName: name, Path: path, AssumeRolePolicyDocument })
      const PolicyDocument = JSON.stringify(policy)
      await iam({ Action: 'PutRolePolicy', RoleName: name, PolicyName: 'all', PolicyDocument })
      return element(made, 'Arn')
    },
    registerOidcProvider: async ({ url, clientIds, thumbprints }) =>
      element(
        await iam({
          Action: 'CreateOpenIDConnectProvider',
          Url: url,
          ...numbered('ClientIDList', clientIds),
          ...numbered('ThumbprintList', thumbprints),
        }),
        'OpenIDConnectProviderArn',
      ),
    configuration: cluster.configuration,
    log: cluster.log,
    stop: cluster.stop,
  }
}

const numbered = (name: string, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value, index) => [`${name}.member.${index + 1}`, value]))

function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]+)</${name}>`, 'i').exec(xml)?.[1]
  if (found === undefined) throw new Error(`the gateway's answer has no ${name}: ${xml.slice(0, 300)}`)
  return found
}
