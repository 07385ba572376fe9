import { type TrustStatement, trustPolicy } from '../../src/testbed/index.ts'
import type { TestbedConfig } from './config.ts'
import type { Trusted } from './trust.ts'

type Condition = NonNullable<TrustStatement['Condition']>

/** The statements that trust somebody of a configuration. */
export function statementsFor(trusted: Trusted, config: TestbedConfig): TrustStatement[] {
  return plainStatements(trusted, config).map((statement) => ({
    ...statement,
    Action: [...[statement.Action ?? []].flat(), ...trusted.carries.map((what) => carrying[what])],
  }))
}

const carrying = { tags: 'sts:TagSession', sourceIdentity: 'sts:SetSourceIdentity' } as const

function plainStatements(trusted: Trusted, config: TestbedConfig): TrustStatement[] {
  const { accountId, partition, providers } = config
  const iam = `arn:${partition}:iam::${accountId}`
  switch (trusted.kind) {
    case 'serviceAccount':
      // One for each provider, since the tokens of any may name the service account.
      return providers.flatMap(({ url }) =>
        [trustPolicy({ ...trusted, issuer: url, accountId, partition }).Statement].flat(),
      )
    case 'oidc': {
      const name = trusted.provider.replace(/^https:\/\//, '')
      const condition = {
        StringEquals: { [`${name}:aud`]: trusted.audience },
        StringLike: { [`${name}:sub`]: trusted.subject },
      }
      return [allow('WithWebIdentity', { Federated: `${iam}:oidc-provider/${name}` }, condition)]
    }
    case 'saml': {
      const { recipient } = trusted
      const condition = recipient === undefined ? {} : { StringEquals: { 'saml:aud': recipient } }
      return [allow('WithSAML', { Federated: `${iam}:saml-provider/${trusted.saml}` }, condition)]
    }
    case 'role': {
      const { externalId } = trusted
      const condition = externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': externalId } }
      return [allow('', { AWS: `${iam}:role${pathOf(trusted.role, config)}${trusted.role}` }, condition)]
    }
    case 'login':
      return [loginStatement(trusted)]
  }
}

function loginStatement({ login, app, user }: Trusted & { kind: 'login' }): TrustStatement {
  const [name, userKey] = login === 'amazon' ? ['www.amazon.com', 'user_id'] : ['graph.facebook.com', 'id']
  const condition = { StringEquals: { [`${name}:app_id`]: app }, StringLike: { [`${name}:${userKey}`]: user } }
  return allow('WithWebIdentity', { Federated: name }, condition)
}

function allow(ending: string, principal: Record<string, string>, condition: Condition): TrustStatement {
  return { Effect: 'Allow', Principal: principal, Action: `sts:AssumeRole${ending}`, Condition: condition }
}

function pathOf(name: string, { roles }: TestbedConfig): string {
  return roles.find((role) => role.name === name)?.path ?? '/'
}
