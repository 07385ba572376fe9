/** The suites in their order, each a file of this folder: the first installs, the last leaves nothing behind. */
export const SUITES: readonly string[] = [
  'install',
  'failClosed',
  'shapes',
  'sidecar',
  'monitoring',
  'rights',
  'values',
  'certificates',
  'badInput',
  'rotation',
  'upgrade',
  'quickStart',
]
