/** The identity provider that a pod chose: whether it may, what the pod must have for it, and what travels to the sidecar. */
import type { Problem } from '../errors/index.ts'
import { type IdentityProvider, NOT_FOR_PODS, type PodValues, recordText } from '../settings/index.ts'
import { about } from './asked.ts'
import type { Basis } from './basis.ts'
import { ownsVolume } from './layout.ts'
import { annotationOf } from './names.ts'
import { matchesAny } from './patterns.ts'
import { foreignInitContainers, list } from './pod.ts'
import type { ChosenProvider, InjectionContext, MountedKey } from './types.ts'

const providerOf = (values: PodValues, { config }: InjectionContext): IdentityProvider | undefined =>
  values.identityProvider === undefined ? undefined : config.identityProviders?.get(values.identityProvider)

/** Undefined where the service account is the identity, or where the choice is refused anyway. */
export function chosenProvider(values: PodValues, context: InjectionContext): ChosenProvider | undefined {
  const provider = providerOf(values, context)
  if (provider === undefined || values.identityProvider === undefined) return undefined
  if (!matchesAny(context.namespace, provider.namespaces)) return undefined
  return {
    name: values.identityProvider,
    kind: provider.kind,
    text: recordText(provider.texts ?? {}, NOT_FOR_PODS),
    ...needsOf(provider),
  }
}

type Needs = Pick<ChosenProvider, 'tokenAudience' | 'tokenExpiration' | 'secret' | 'authorities' | 'written'>

function needsOf(provider: IdentityProvider): Needs {
  if (provider.kind === 'file') return writtenBy(provider)
  const { caConfigMap, caConfigMapKey } = provider
  const authorities = caConfigMap === undefined ? {} : { authorities: { name: caConfigMap, keys: [caConfigMapKey] } }
  if (provider.kind === 'saml') {
    if (provider.source === 'file') return { ...authorities, ...writtenBy(provider) }
    return { ...authorities, ...secretOf(provider.secretName, [provider.usernameKey, provider.passwordKey]) }
  }
  const { issuer, tokenAudience = issuer, tokenExpiration } = provider
  const { clientAuthentication: how, secretName, secretKey } = provider
  const isKeyed = how !== 'service-account-token' && how !== 'none'
  // With a key or a secret of its own the client does not show the token, unless it is what is exchanged.
  const needsToken = !isKeyed || provider.kind === 'token-exchange'
  return {
    ...authorities,
    ...(needsToken && { tokenAudience }),
    ...(needsToken && tokenExpiration !== undefined && { tokenExpiration }),
    ...(isKeyed && secretKey !== undefined && secretOf(secretName, [secretKey])),
  }
}

const secretOf = (name: string | undefined, keys: readonly string[]): { readonly secret?: MountedKey } =>
  name === undefined ? {} : { secret: { name, keys } }

const writtenBy = ({
  volume = '',
  writer = '',
}: {
  readonly volume?: string | undefined
  readonly writer?: string | undefined
}): Needs => ({ written: { volume, writer } })

/** What speaks against the choice. */
export function identityProblems(basis: Basis): readonly Problem[] {
  const { asked, context, settings } = basis
  const name = asked.values.identityProvider
  if (name === undefined) return []
  const provider = providerOf(asked.values, context)
  if (provider === undefined) return [unknown(name, basis)]
  if (!matchesAny(context.namespace, provider.namespaces)) {
    const message = `${name} is not for namespace ${context.namespace}`
    return [about(asked, 'identityProvider', 'IdentityProviderNotAllowed', message)]
  }
  return [...ownAudience(basis, name), ...ownSessionName(basis, name), ...filesOf(basis, settings.provider)]
}

const MOST_LISTED = 10

/** Names of others are told to those who may use them. */
function unknown(name: string, { asked, context }: Basis): Problem {
  const all = [...(context.config.identityProviders ?? [])]
  const names = all.filter(([, one]) => matchesAny(context.namespace, one.namespaces)).map(([known]) => known)
  const few = names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? ', …' : '')
  const message = `there is no identity provider ${name}; ${names.length === 0 ? `namespace ${context.namespace} may use none` : `there are ${few}`}`
  return about(asked, 'identityProvider', 'IdentityProviderUnknown', message)
}

/** The audience is the provider's business, and so is the life of a token that nobody uses. */
function ownAudience({ asked }: Basis, name: string): readonly Problem[] {
  if (asked.values.audience === undefined || !asked.isOwn('audience')) return []
  const message = `the token is for the identity provider ${name}, which the operator has said the audience of`
  return [about(asked, 'audience', 'AnnotationsConflict', message, `Remove ${annotationOf('audience')}.`)]
}

/** A SAML assertion carries the name of its session; a chain's later sessions have the pod's. */
function ownSessionName({ asked, settings }: Basis, name: string): readonly Problem[] {
  const { sessionName, assumeRoleArn } = asked.values
  if (settings.provider?.kind !== 'saml' || sessionName === undefined || assumeRoleArn !== undefined) return []
  if (!asked.isOwn('sessionName')) return []
  const message = `by the identity provider ${name} the SAML assertion names the session`
  return [about(asked, 'sessionName', 'AnnotationsConflict', message, `Remove ${annotationOf('sessionName')}.`)]
}

/** The volume that the identity is written to, and who writes it: before the sidecar starts, or it would wait for ever. */
function filesOf({ pod, asked }: Basis, provider: ChosenProvider | undefined): readonly Problem[] {
  if (provider?.written === undefined) return []
  const { volume, writer } = provider.written
  // A volume of ours would hand the sidecar its own files for an identity.
  const isThere = !ownsVolume(volume) && list(pod.spec.volumes).some(({ name }) => name === volume)
  const missing = [
    ...(isThere ? [] : [`volume ${volume}`]),
    ...(foreignInitContainers(pod).some(({ name }) => name === writer) ? [] : [`init container ${writer}`]),
  ]
  if (missing.length === 0) return []
  const message = `the identity provider ${provider.name} reads a file, and the pod has no ${missing.join(' and no ')}`
  return [about(asked, 'identityProvider', 'IdentityFileUnwritten', message)]
}

/** Who writes once writes what is soon stale. */
export function identityWarnings({ pod, settings }: Basis): readonly string[] {
  const writer = settings.provider?.written?.writer
  const found = foreignInitContainers(pod).find(({ name }) => name === writer)
  if (settings.delivery === 'direct' || found === undefined || found.restartPolicy === 'Always') return []
  return [
    `container ${found.name} writes the identity and ends: with restartPolicy: Always it could keep it fresh, and without, credentials end when the identity does`,
  ]
}
