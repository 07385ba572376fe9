import { inShell } from '../terminal/shell.ts'
import { command, inComment, inHcl, inYaml } from './quote.ts'

export const IAM_OUTPUTS = ['cli', 'json', 'terraform', 'cloudformation'] as const
export type IamOutput = (typeof IAM_OUTPUTS)[number]

/** The IAM provider that an account needs before its roles can trust anybody of it. */
export type Provider =
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audiences: readonly string[] }
  | { readonly kind: 'saml'; readonly name: string; readonly metadata: string; readonly metadataFile: string }

type Texts = Readonly<Record<IamOutput, string>>

/** IAM API, CreateOpenIDConnectProvider, CreateSAMLProvider; no thumbprint, which IAM has looked up itself since 2023. */
export const providerTexts = (provider: Provider): Texts =>
  provider.kind === 'oidc' ? oidcTexts(provider) : samlTexts(provider)

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const template = (Resources: object, Outputs: object): string =>
  inYaml({ AWSTemplateFormatVersion: '2010-09-09', Resources, Outputs })

function oidcTexts({ issuer, audiences }: Extract<Provider, { kind: 'oidc' }>): Texts {
  return {
    json: json({ Url: issuer, ClientIDList: audiences }),
    cli: `${command('aws iam create-open-id-connect-provider', `--url ${inShell(issuer)}`, `--client-id-list ${audiences.map(inShell).join(' ')}`)}\n`,
    terraform: `# The issuer ${inComment(issuer)}.
resource "aws_iam_openid_connect_provider" "lanyard" {
  url            = ${inHcl(issuer)}
  client_id_list = ${inHcl(audiences, '  ')}
}
`,
    cloudformation: template(
      { LanyardIssuer: { Type: 'AWS::IAM::OIDCProvider', Properties: { Url: issuer, ClientIdList: audiences } } },
      { ProviderArn: { Value: { Ref: 'LanyardIssuer' } } },
    ),
  }
}

function samlTexts({ name, metadata, metadataFile }: Extract<Provider, { kind: 'saml' }>): Texts {
  const document = `--saml-metadata-document ${inShell(`file://${metadataFile}`)}`
  return {
    json: json({ Name: name, SAMLMetadataDocument: metadata }),
    cli: `${command('aws iam create-saml-provider', `--name ${inShell(name)}`, document)}\n`,
    terraform: `resource "aws_iam_saml_provider" "lanyard" {
  name                   = ${inHcl(name)}
  saml_metadata_document = ${inHcl(metadata)}
}
`,
    cloudformation: template(
      {
        LanyardSamlProvider: {
          Type: 'AWS::IAM::SAMLProvider',
          Properties: { Name: name, SamlMetadataDocument: metadata },
        },
      },
      { ProviderArn: { Value: { Ref: 'LanyardSamlProvider' } } },
    ),
  }
}
