import type { Client } from './client.ts'
import { client as aiobotocore } from './clients/aiobotocore/client.ts'
import { client as awsCli } from './clients/aws-cli/client.ts'
import { client as awsCliDebian } from './clients/aws-cli-debian/client.ts'
import { client as awscrt } from './clients/awscrt/client.ts'
import { client as boto3 } from './clients/boto3/client.ts'
import { client as boto3Oldest } from './clients/boto3-oldest/client.ts'
import { client as goV1 } from './clients/go-v1/client.ts'
import { client as goV2 } from './clients/go-v2/client.ts'
import { client as javaV2 } from './clients/java-v2/client.ts'
import { client as javaV2Oldest } from './clients/java-v2-oldest/client.ts'
import { client as jsV2 } from './clients/js-v2/client.ts'
import { client as jsV3 } from './clients/js-v3/client.ts'
import { client as jsV3Oldest } from './clients/js-v3-oldest/client.ts'
import { client as minioGo } from './clients/minio-go/client.ts'
import { client as objectStore } from './clients/object-store/client.ts'
import { client as rust } from './clients/rust/client.ts'

/** All of them; first those that take longest to make ready or to try. */
export const clients: readonly Client[] = [
  jsV3,
  boto3,
  goV2,
  awsCli,
  jsV2,
  rust,
  javaV2,
  awscrt,
  minioGo,
  jsV3Oldest,
  boto3Oldest,
  javaV2Oldest,
  goV1,
  aiobotocore,
  objectStore,
  awsCliDebian,
]

/** What was looked at and cannot be tried, and why: not missing here, but everywhere. */
export const untried: readonly { readonly client: string; readonly why: string }[] = [
  {
    client: 'AWS SDK for Ruby',
    why: 'Debian 12 has 3.168.1, which reads no token file (3.188.0 does) and asks IMDS on port 80 only (aws-sdk-ruby issue 2997, mended in 2024)',
  },
  {
    client: 'AWS SDK for PHP, .NET, Swift, C++',
    why: 'neither Debian 12 nor the registries of Python, Node.js, Go, Rust and Java have a package of it that was found',
  },
]
