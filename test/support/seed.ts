import process from 'node:process'
import fc from 'fast-check'

/** In CI a run says of a change what it would say tomorrow; elsewhere every run looks at new cases. */
if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: 20_260_301 })
