/** Partitions of AWS, with the regions that are known of each (AWS General Reference, "Regional endpoints"). */
const PARTITIONS: Readonly<Record<string, { readonly like: RegExp; readonly regions: readonly string[] }>> = {
  aws: {
    like: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
    regions: [
      ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1'],
      ...['ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
      ...[
        'ap-southeast-6',
        'ap-southeast-7',
        'ca-central-1',
        'ca-west-1',
        'eu-central-1',
        'eu-central-2',
        'eu-north-1',
      ],
      ...['eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'il-central-1', 'me-central-1'],
      ...[
        'me-south-1',
        'me-west-1',
        'mx-central-1',
        'sa-east-1',
        'sa-west-1',
        'us-east-1',
        'us-east-2',
        'us-west-1',
        'us-west-2',
      ],
    ],
  },
  'aws-cn': { like: /^cn-\w+-\d+$/, regions: ['cn-north-1', 'cn-northwest-1'] },
  'aws-us-gov': { like: /^us-gov-\w+-\d+$/, regions: ['us-gov-east-1', 'us-gov-west-1'] },
  'aws-eusc': { like: /^eusc-(de)-\w+-\d+$/, regions: ['eusc-de-east-1'] },
  'aws-iso': { like: /^us-iso-\w+-\d+$/, regions: ['us-iso-east-1', 'us-iso-west-1'] },
  'aws-iso-b': { like: /^us-isob-\w+-\d+$/, regions: ['us-isob-east-1', 'us-isob-west-1'] },
  'aws-iso-e': { like: /^eu-isoe-\w+-\d+$/, regions: ['eu-isoe-west-1'] },
  'aws-iso-f': { like: /^us-isof-\w+-\d+$/, regions: ['us-isof-east-1', 'us-isof-south-1'] },
}

/** Every region that is known, by its partition. */
export const knownRegions = (): readonly (readonly [string, string])[] =>
  Object.entries(PARTITIONS).flatMap(([partition, { regions }]) =>
    regions.map((region) => [partition, region] as const),
  )

/** The partition of a region, and whether the region is known; a new one is of the partition whose names are like it. */
export function partitionOf(region: string): { readonly partition: string; readonly isKnown: boolean } | undefined {
  const found = Object.entries(PARTITIONS).find(([, { like }]) => like.test(region))
  return found === undefined ? undefined : { partition: found[0], isKnown: found[1].regions.includes(region) }
}

/** The region that was perhaps meant: one letter or number away. */
export function nearRegion(region: string): string | undefined {
  return knownRegions()
    .map(([, name]) => name)
    .find((name) => name !== region && name.replace(/\d+$/, '') === region.replace(/\d+$/, ''))
}
