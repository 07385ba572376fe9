type Place = { audiences: readonly string[]; recipient: RegExp }

/** Where AWS's sign-in takes responses, by partition, in every region too ("Configure SAML assertions"). */
const places: Readonly<Record<string, Place>> = {
  aws: {
    audiences: ['urn:amazon:webservices'],
    recipient: /^https:\/\/(?:[a-z]{2}(?:-[a-z]+)+-\d\.)?signin\.aws\.amazon\.com\/saml(?:\/acs\/[\w-]+)?$/,
  },
  'aws-cn': {
    audiences: ['urn:amazon:webservices:cn-north-1'],
    recipient: /^https:\/\/(?:cn-[a-z]+-\d\.)?signin\.amazonaws\.cn\/saml(?:\/acs\/[\w-]+)?$/,
  },
  'aws-us-gov': {
    audiences: ['urn:amazon:webservices:govcloud'],
    recipient: /^https:\/\/(?:us-gov-[a-z]+-\d\.)?signin\.amazonaws-us-gov\.com\/saml(?:\/acs\/[\w-]+)?$/,
  },
}

/** Whether an address is one of the partition's sign-in. */
export function isSignIn(partition: string, url: string): boolean {
  return places[partition]?.recipient.test(url) === true
}

/** Whether an audience is AWS's: its name, or an address of its sign-in. */
export function isAudience(partition: string, audience: string): boolean {
  return places[partition]?.audiences.includes(audience) === true || isSignIn(partition, audience)
}
