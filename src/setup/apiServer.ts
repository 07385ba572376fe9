import { jwksUrl } from '../issuer/index.ts'
import { inShell } from '../terminal/shell.ts'
import { inYaml } from './quote.ts'

export const FLAGS_OUTPUTS = ['plain', 'kubeadm', 'kind', 'k3s'] as const
export type FlagsOutput = (typeof FLAGS_OUTPUTS)[number]

/** How a cluster is told its issuer, and which others its tokens may still have. */
export type Issuers = { readonly issuer: string; readonly others: readonly string[] }

type ExtraArg = { readonly name: string; readonly value: string }

/** The flags of kube-apiserver: the first issuer signs, tokens of all are taken (kube-apiserver's reference). */
function flagsOf({ issuer, others }: Issuers): readonly ExtraArg[] {
  return [
    ...[issuer, ...others].map((value) => ({ name: 'service-account-issuer', value })),
    { name: 'service-account-jwks-uri', value: jwksUrl(issuer) },
  ]
}

/** That as each way to make a cluster wants it. */
export const flagsTexts: Readonly<Record<FlagsOutput, (issuers: Issuers) => string>> = {
  plain: (issuers) =>
    flagsOf(issuers)
      .map(({ name, value }) => `--${name}=${inShell(value)}\n`)
      .join(''),
  k3s: (issuers) => inYaml({ 'kube-apiserver-arg': flagsOf(issuers).map(({ name, value }) => `${name}=${value}`) }),
  kubeadm: (issuers) => inYaml(clusterConfiguration('kubeadm.k8s.io/v1beta4', { extraArgs: flagsOf(issuers) })),
  kind: (issuers) =>
    inYaml({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      kubeadmConfigPatches: [inYaml({ kind: 'ClusterConfiguration', apiServer: { extraArgs: flagsOf(issuers) } })],
    }),
}

const clusterConfiguration = (apiVersion: string, apiServer: object): object => ({
  apiVersion,
  kind: 'ClusterConfiguration',
  apiServer,
})
