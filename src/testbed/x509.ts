/** The library, as far as types go. */
export type X509 = typeof import('@peculiar/x509')

const required = ['getMetadata', 'getOwnMetadata', 'defineMetadata']

/**
 * Loads @peculiar/x509. Its dependency injector refuses to load without the Reflect metadata API, though it only
 * ever finds nothing there. So a stand-in that knows nothing is lent for the time of loading and taken away again:
 * left in place, it would break a `reflect-metadata` that the user's own tests load later.
 */
export async function loadX509(): Promise<X509> {
  const lent = required.filter((name) => !(name in Reflect))
  for (const name of lent) Reflect.defineProperty(Reflect, name, { value: () => undefined, configurable: true })
  try {
    return await import('@peculiar/x509')
  } finally {
    for (const name of lent) Reflect.deleteProperty(Reflect, name)
  }
}
