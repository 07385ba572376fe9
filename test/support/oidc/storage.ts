import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Everything of one server, in memory: two servers of one process have nothing in common. What is too old the library checks. */
export function createStorage(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>()
  return (model) => {
    const key = (id: string): string => `${model}:${id}`
    const findBy = async (fits: (payload: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> =>
      [...stored].find(([at, payload]) => at.startsWith(`${model}:`) && fits(payload))?.[1]
    return {
      upsert: async (id, payload) => {
        stored.set(key(id), payload)
      },
      find: async (id) => stored.get(key(id)),
      findByUid: (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: (userCode) => findBy((payload) => payload.userCode === userCode),
      destroy: async (id) => void stored.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [at, payload] of stored) if (payload.grantId === grantId) stored.delete(at)
      },
      consume: async (id) => {
        const found = stored.get(key(id))
        if (found !== undefined) stored.set(key(id), { ...found, consumed: 1 })
      },
    }
  }
}
