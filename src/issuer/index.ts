/** The cluster's OIDC issuer: what its address, its discovery document and its keys must be, so that STS can verify tokens. */
export { issuerFindings, issuerName } from './address.ts'
export { discoveryUrl, jwksUrl, MOST_CHARACTERS, readDiscovery, writeDiscovery } from './documents.ts'
export { algorithmsOf, type Compared, compareKeys, readKeys, writeKeys } from './keys.ts'
export { type Fetch, type Published, readPublished, STS_PATIENCE } from './published.ts'
export type { Discovery, IssuerFinding, PublicKey } from './types.ts'
