import type { EndpointKind } from '../federation/index.ts'

/** AWS knows a region's partition by its name. */
type Partition = {
  readonly regions: RegExp
  readonly suffix: string
  readonly dualStackSuffix: string
  /** Its endpoint is one by FIPS 140 without being called so. */
  readonly fipsAsIs?: true
}

/** The one of a region that nobody knows yet, too. */
const COMMERCIAL: Partition = { regions: /^/, suffix: 'amazonaws.com', dualStackSuffix: 'api.aws' }

/** AWS General Reference, "AWS service endpoints" and "Regional endpoints"; held to the rules of the AWS SDK by a test. */
const partitions: readonly Partition[] = [
  { regions: /^us-gov-/, suffix: 'amazonaws.com', dualStackSuffix: 'api.aws', fipsAsIs: true },
  { regions: /^cn-/, suffix: 'amazonaws.com.cn', dualStackSuffix: 'api.amazonwebservices.com.cn' },
  { regions: /^eusc-de-/, suffix: 'amazonaws.eu', dualStackSuffix: 'api.amazonwebservices.eu' },
  { regions: /^us-iso-/, suffix: 'c2s.ic.gov', dualStackSuffix: 'api.aws.ic.gov' },
  { regions: /^us-isob-/, suffix: 'sc2s.sgov.gov', dualStackSuffix: 'api.aws.scloud' },
  { regions: /^eu-isoe-/, suffix: 'cloud.adc-e.uk', dualStackSuffix: 'api.cloud-aws.adc-e.uk' },
  { regions: /^us-isof-/, suffix: 'csp.hci.ic.gov', dualStackSuffix: 'api.aws.hci.ic.gov' },
  COMMERCIAL,
]

/** The URL of STS in a region. `region` must be a label of a host name. */
export function endpointOf({ region, fips, dualStack }: EndpointKind): string {
  const partition = partitions.find(({ regions }) => regions.test(region)) ?? COMMERCIAL
  const service = fips && !(partition.fipsAsIs && !dualStack) ? 'sts-fips' : 'sts'
  return `https://${service}.${region}.${dualStack ? partition.dualStackSuffix : partition.suffix}`
}
