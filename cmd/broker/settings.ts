import { failOn } from '../../src/errors/index.ts'
import { type ConfigOf, readConfig } from '../../src/settings/index.ts'

export type BrokerConfig = ConfigOf<'broker'>

/** All that the broker is told, from its variables. Throws Failure with every problem. */
export function readBrokerSettings(env: Readonly<Record<string, string | undefined>>): BrokerConfig {
  const { values, problems } = readConfig('broker', { env })
  failOn(problems)
  return values
}

/** Roles that name a provider which is not there: nobody can have them by it. */
export const danglingRoles = (config: BrokerConfig): readonly { readonly role: string; readonly provider: string }[] =>
  [...config['broker.roles']].flatMap(([role, { providers }]) =>
    providers.filter((name) => !config['broker.providers'].has(name)).map((provider) => ({ role, provider })),
  )
