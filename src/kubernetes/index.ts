/** The Kubernetes API server: one Secret, one webhook configuration, and watches that heal. */
export { type ClusterOptions, loadCluster } from './loadCluster.ts'
export { type ObjectPlace, secretPlace, webhookConfigurationPlace } from './places.ts'
export { secretStore } from './secretStore.ts'
export { trustStore } from './trustStore.ts'
export type { Clock, Cluster } from './types.ts'
export type { WatchLog } from './watch/follow.ts'
export { type WatchOptions, watchObject } from './watchObject.ts'
