/** The suites in their order, each a file of this folder: the first installs, the last leaves nothing behind. */
export const SUITES: readonly string[] = [
  'install',
  'failClosed',
  'shapes',
  'corpus',
  'sources',
  'direct',
  'migration',
  'imds',
  'federation',
  'guard',
  'sidecar',
  'monitoring',
  'status',
  'rights',
  'doctorCluster',
  'doctorIdentity',
  'values',
  'certificates',
  'badInput',
  'rotation',
  'policy',
  'upgrade',
  'quickStart',
  'setup',
]

/** By `--only` alone: they have not been seen green as a whole yet, and say so at the end of a run of all. */
export const ALONE: readonly string[] = ['docs']
