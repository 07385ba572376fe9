/** What an operator has to publish and to create before pods can have roles, as text: nothing is changed here. */
export { accountObjects, type Told } from './annotations.ts'
export { FLAGS_OUTPUTS, type FlagsOutput, flagsTexts, type Issuers } from './apiServer.ts'
export { type Bucket, type BucketOutput, bucketTexts } from './bucket.ts'
export { formatLint, type Linted, lintJson } from './lintReport.ts'
export { type FoundPolicy, findPolicies } from './policies.ts'
export { IAM_OUTPUTS, type IamOutput, type Provider, providerTexts } from './provider.ts'
export { ROLE_OUTPUTS, type Role, type RoleOutput, roleArnOf, roleTexts, type ServiceAccount } from './role.ts'
export { type PublicFile, type Site, siteOf } from './site.ts'
