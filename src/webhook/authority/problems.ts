import type { Problem } from '../../errors/index.ts'

/** What is wrong with a value of the Secret; `field` is its name. */
export const corrupt = (field: string, message: string): Problem => ({ code: 'AuthorityCorrupt', field, message })
