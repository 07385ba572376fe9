export type { ClientCredentialsProvider, FileProvider, TokenExchangeProvider } from './provider.ts'
export { clientCredentials, type OAuthParts, tokenExchange } from './sources.ts'
export { verifiedFile } from './verifiedFile.ts'
