/** What the runner decided and the tests are told, by variables: one process hands them to the other. */
import process from 'node:process'

export const NAMESPACE = 'lanyard-system'
export const RELEASE = 'lanyard'
/** Where the STS and the like are. */
export const DOUBLES = 'lanyard-e2e-sts'
export const ACCOUNT = '111122223333'
export const REGION = 'eu-west-1'

export type Images = {
  readonly product: string
  readonly previous: string
  readonly testbed: string
  readonly client: string
  readonly prometheus: string
  readonly idp: string
}

/** The folder of the chart of this commit, and of the one before it. */
export type Charts = { readonly current: string; readonly previous: string }

type Told = {
  readonly images: Images
  readonly charts: Charts
  /** Where what failed is kept. */
  readonly artifacts: string
  /** The command that loads the image {} into the cluster. */
  readonly load: string
}

export const tell = (told: Told): Readonly<Record<string, string>> => ({ E2E_TOLD: JSON.stringify(told) })

export function told(): Told {
  const text = process.env['E2E_TOLD']
  if (text === undefined) throw new Error('E2E_TOLD is not set: run the suite by `npm run e2e`')
  return JSON.parse(text)
}
