import { type RoleReference, role } from './aws.ts'
import { bad, good, type Kind, listOf, orNone, type Parsed, pairsOf, quote, textKind } from './kind.ts'
import { parseQuantity } from './quantity.ts'

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** RFC 1123 subdomain: the name of most objects. */
export const objectName: Kind<string> = textKind(
  'the name of an object in Kubernetes',
  'lanyard',
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  [1, 253],
)
/** RFC 1123 label: the name of a container. */
export const containerName: Kind<string> = textKind('a container name', 'app', DNS_LABEL, [1, 63])
export const providerName: Kind<string> = textKind('the name of an identity provider', 'corporate', DNS_LABEL, [1, 63])
/** Kubernetes itself sets no limit; a pod's size does, long before. */
const MOST_CONTAINERS = 1000
export const containerNames: Kind<readonly string[]> = listOf(containerName, 'container names', MOST_CONTAINERS)
/** IAM would let a role be called `a,b=c`; here it is two pairs by somebody who separates by commas. Its ARN is taken. */
const roleOfPair: Kind<RoleReference> = {
  ...role,
  parse: (text) => (/^[^:,]*,[^:=]*=/.test(text) ? bad(`is ${quote(text)}`) : role.parse(text)),
}
export const containerRoles: Kind<ReadonlyMap<string, RoleReference>> = pairsOf(
  containerName,
  roleOfPair,
  'NAME=ROLE',
  MOST_CONTAINERS,
)

/** Audience of the projected token: printable, no white space. */
export const audience: Kind<string> = textKind(
  "an audience without white space that is not the API server's",
  'sts.amazonaws.com',
  // A token that the API server takes must never be sent anywhere else.
  /^(?!https:\/\/kubernetes\.default\.svc)[\x21-\x7e]+$/,
  [1, 255],
)

/** Kubernetes resource quantity, kept as text; above zero. */
export function quantity(what: 'cpu' | 'memory', example: string): Kind<string> {
  const parse = (text: string): Parsed<string> => {
    const value = parseQuantity(text)
    if (value === undefined) return bad(`is ${quote(text)}`)
    return value > 0n ? good(text) : bad('is zero or less')
  }
  return { form: `a Kubernetes ${what} quantity above zero`, example, parse }
}

const IMAGE = /^[a-z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9])?(@sha256:[0-9a-f]{64})?$/
export const image: Kind<string> = textKind('an image reference', 'registry.example.com/lanyard:0.1.0', IMAGE, [1, 512])

/** `*` stands for any run of characters but `/`: for names of containers and images. */
export const namePattern: Kind<string> = textKind(
  'a name in which * may stand for a part',
  'linkerd-*',
  /^[A-Za-z0-9*][A-Za-z0-9._:/@*-]*$/,
  [1, 512],
)
export const namePatterns: Kind<readonly string[]> = orNone(
  listOf(namePattern, 'names in which * may stand for a part'),
)
