/** Where one object is, and what messages call it. */
export type ObjectPlace = {
  /** Path of the collection. */
  readonly collection: string
  readonly name: string
  readonly title: string
}

export const pathOf = ({ collection, name }: ObjectPlace): string => `${collection}/${encodeURIComponent(name)}`

type Namespaced = { readonly namespace: string; readonly name: string }

export const secretPlace = ({ namespace, name }: Namespaced): ObjectPlace => ({
  collection: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
  name,
  title: `Secret ${namespace}/${name}`,
})

export const configMapPlace = ({ namespace, name }: Namespaced): ObjectPlace => ({
  collection: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
  name,
  title: `ConfigMap ${namespace}/${name}`,
})

export const serviceAccountPlace = ({ namespace, name }: Namespaced): ObjectPlace => ({
  collection: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`,
  name,
  title: `ServiceAccount ${namespace}/${name}`,
})

export const namespacePlace = (name: string): ObjectPlace => ({
  collection: '/api/v1/namespaces',
  name,
  title: `Namespace ${name}`,
})

export const webhookConfigurationPlace = ({ name }: { readonly name: string }): ObjectPlace => ({
  collection: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  name,
  title: `MutatingWebhookConfiguration ${name}`,
})
