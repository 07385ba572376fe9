import { failOn } from '../../src/errors/index.ts'
import type { InjectionContext } from '../../src/injection/index.ts'
import { type ConfigOf, readConfig } from '../../src/settings/index.ts'

/** JSON as it comes from outside: a pod of whatever shape. */
export type Json = { [key: string]: unknown }

export const ROLE = 'arn:aws:iam::111122223333:role/app'
export const OTHER_ROLE = 'arn:aws:iam::111122223333:role/other'

const IMAGE = 'registry.example.com/lanyard:0.1.0'

/** Operator's configuration by the settings' keys, over the smallest one that is whole. */
function config(settings: Json = {}): ConfigOf<'webhook'> {
  const smallest = { 'tls.certFile': '/tls/tls.crt', 'tls.keyFile': '/tls/tls.key', 'sidecar.image': IMAGE }
  const read = readConfig('webhook', { file: { ...smallest, 'aws.region': 'eu-west-1', ...settings } })
  failOn(read.problems)
  return read.values
}

function context(settings: Json = {}, more: Partial<InjectionContext> = {}): InjectionContext {
  return { namespace: 'shop', config: config(settings), version: '0.1.0', ...more }
}

const container = (fields: Json = {}): Json => ({ name: 'app', image: 'registry.example.com/app:1', ...fields })

/** A pod whose annotations are given without their prefix; `spec` goes over a spec of one container. */
function pod(annotations: Readonly<Record<string, string>> = { 'role-arn': ROLE }, spec: Json = {}): Json {
  const prefixed = Object.entries(annotations).map(([name, value]) => [`lanyard.dev/${name}`, value])
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', annotations: Object.fromEntries(prefixed) },
    spec: { containers: [container()], ...spec },
  }
}

/** A pod with one target container of these variables. */
const podWithEnv = (...env: readonly unknown[]): Json => pod({ 'role-arn': ROLE }, { containers: [container({ env })] })

export const gen = { config, context, container, pod, podWithEnv, image: IMAGE }
