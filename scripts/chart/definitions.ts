type Schema = { readonly [key: string]: unknown }

const text = { type: 'string' }
const texts = { type: 'array', items: text }
const textMap = { type: 'object', additionalProperties: text }
/** What the API server knows better: it is checked there. */
const kubernetesObject = { type: 'object', additionalProperties: true }
const number = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum })
const strict = (properties: Schema, ...required: readonly string[]): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
})
const listOf = (items: Schema): Schema => ({ type: 'array', items })

const expressions = listOf(
  strict(
    { key: text, operator: { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }, values: texts },
    'key',
    'operator',
  ),
)
const selector = strict({ matchLabels: textMap, matchExpressions: expressions })
const quantities = { type: 'object', additionalProperties: { type: ['string', 'number'] } }
const intOrPercent = {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^[0-9]+%$' },
  ],
}

/** What `@schema NAME` in values.yaml stands for. */
export const definitions: Readonly<Record<string, Schema>> = {
  name: { type: 'string', pattern: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$', maxLength: 253 },
  textMap,
  selector,
  intOrPercent,
  port: number(1024, 65_535),
  ports: { ...listOf(number(1, 65_535)), minItems: 1 },
  count: number(1, 1000),
  seconds: number(0, 3600),
  period: number(1, 3600),
  percent: number(1, 100),
  duration: { type: 'string', pattern: '^([0-9]+h)?([0-9]+m)?([0-9]+s)?$' },
  cidrs: listOf({ type: 'string', pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$' }),
  texts: listOf({ type: 'string', minLength: 1 }),
  audiences: listOf({ type: 'string', pattern: '^[!-~]+$' }),
  names: listOf(strict({ name: text }, 'name')),
  objects: listOf(kubernetesObject),
  env: listOf(strict({ name: text, value: text, valueFrom: kubernetesObject }, 'name')),
  resources: strict({ requests: quantities, limits: quantities, claims: listOf(kubernetesObject) }),
  tolerations: listOf(
    strict({
      key: text,
      operator: { enum: ['Exists', 'Equal'] },
      value: text,
      effect: { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
      tolerationSeconds: { type: 'integer' },
    }),
  ),
  affinity: strict({
    nodeAffinity: kubernetesObject,
    podAffinity: kubernetesObject,
    podAntiAffinity: kubernetesObject,
  }),
  topologySpread: listOf(
    strict(
      {
        topologyKey: text,
        maxSkew: number(1, 1000),
        minDomains: number(1, 1000),
        whenUnsatisfiable: { enum: ['DoNotSchedule', 'ScheduleAnyway'] },
        nodeAffinityPolicy: { enum: ['Honor', 'Ignore'] },
        nodeTaintsPolicy: { enum: ['Honor', 'Ignore'] },
        matchLabelKeys: texts,
        labelSelector: selector,
      },
      'topologyKey',
      'whenUnsatisfiable',
    ),
  ),
  peers: listOf(
    strict({ namespaceSelector: selector, podSelector: selector, ipBlock: strict({ cidr: text, except: texts }) }),
  ),
}
