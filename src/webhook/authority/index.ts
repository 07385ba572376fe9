/** The webhook's own certificate authority: a certificate source, and what it needs of a cluster. */
export { startAuthority } from './startAuthority.ts'
