/** What each entry of the MutatingWebhookConfiguration is called for; test/e2e asks the API server, which evaluates the CEL. */
export type MatchCase = {
  readonly name: string
  readonly annotations?: Readonly<Record<string, string>>
  /** The entry, in a namespace with the label `lanyard.dev/injection=enabled`. Elsewhere `defaults` is called for nobody. */
  readonly entry: 'pods.lanyard.dev' | 'defaults.lanyard.dev' | 'none'
}

export const matchCases: readonly MatchCase[] = [
  { name: 'no annotations', entry: 'defaults.lanyard.dev' },
  { name: 'empty annotations', annotations: {}, entry: 'defaults.lanyard.dev' },
  { name: "others' annotations", annotations: { 'example.com/a': 'b' }, entry: 'defaults.lanyard.dev' },
  { name: 'a prefix that is longer', annotations: { 'lanyard.devx/role-arn': 'a' }, entry: 'defaults.lanyard.dev' },
  { name: 'a subdomain', annotations: { 'x.lanyard.dev/role-arn': 'a' }, entry: 'defaults.lanyard.dev' },
  { name: 'the status alone', annotations: { 'lanyard.dev/status': '{}' }, entry: 'defaults.lanyard.dev' },
  { name: 'a role', annotations: { 'lanyard.dev/role-arn': 'a' }, entry: 'pods.lanyard.dev' },
  { name: 'a typo', annotations: { 'lanyard.dev/rol': 'a' }, entry: 'pods.lanyard.dev' },
  { name: 'a typo of the status', annotations: { 'lanyard.dev/Status': '{}' }, entry: 'pods.lanyard.dev' },
  {
    name: 'a copy of an injected pod',
    annotations: { 'lanyard.dev/status': '{}', 'lanyard.dev/role-arn': 'a' },
    entry: 'pods.lanyard.dev',
  },
  { name: 'opted in', annotations: { 'lanyard.dev/inject': 'true' }, entry: 'pods.lanyard.dev' },
  { name: 'opted out', annotations: { 'lanyard.dev/inject': 'false' }, entry: 'none' },
  {
    name: 'opted out with a role',
    annotations: { 'lanyard.dev/inject': 'false', 'lanyard.dev/role-arn': 'a' },
    entry: 'none',
  },
  {
    name: 'opted out with a status',
    annotations: { 'lanyard.dev/inject': 'false', 'lanyard.dev/status': '{}' },
    entry: 'none',
  },
  { name: 'not quite opted out', annotations: { 'lanyard.dev/inject': 'False' }, entry: 'pods.lanyard.dev' },
  { name: 'neither in nor out', annotations: { 'lanyard.dev/inject': '' }, entry: 'pods.lanyard.dev' },
  // The webhook trims and lets it go; the API server does not, so that it can never let go what the webhook would not.
  { name: 'opted out with blanks', annotations: { 'lanyard.dev/inject': ' false ' }, entry: 'pods.lanyard.dev' },
]
