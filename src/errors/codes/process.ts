import type { CodeEntry } from './entry.ts'

/** What stops a command. */
export const processCodes = {
  CommandUnknown: {
    area: 'process',
    cause: 'There is no such command.',
    fix: 'lanyard --help lists the commands.',
  },
  NodeTooOld: {
    area: 'process',
    cause: 'The Node.js that runs the command is older than what it needs.',
    fix: 'Put a newer Node.js first on PATH; in a checkout, npx lanyard takes the one that npm ci brings.',
  },
  FlagUnknown: {
    area: 'process',
    cause: 'The command does not know this flag or argument.',
    fix: 'lanyard COMMAND --help lists the flags.',
  },
  SettingUnknown: {
    area: 'process',
    cause: 'The configuration has a key that Lanyard does not know.',
    fix: 'Correct the spelling; the reference page on settings lists them all.',
  },
  SettingInvalid: {
    area: 'process',
    cause: 'The value of a setting does not parse.',
    fix: 'Give a value of the form that the message describes.',
  },
  SettingMissing: {
    area: 'process',
    cause: 'A setting that has no default is missing.',
    fix: 'Set it by the file key, variable or flag that the message names.',
  },
  FileUnwritable: {
    area: 'process',
    cause: 'A file that the command was to write cannot be written.',
    fix: 'Look at its path and its permissions; what is there already must be of the same kind.',
  },
  FileUnreadable: {
    area: 'process',
    cause: 'A file that a setting or a flag names cannot be read.',
    fix: 'Correct the path or the permissions.',
  },
  ConfigurationMalformed: {
    area: 'process',
    cause: 'The configuration file is not YAML with one mapping.',
    fix: 'Correct the line that the message names.',
  },
  ManifestMalformed: {
    area: 'process',
    cause: 'A document among the manifests is not one Kubernetes object in YAML or JSON.',
    fix: 'Correct it at the line that the message names.',
  },
  ManifestUnchangeable: {
    area: 'process',
    cause: 'A document among the manifests is written in a way that cannot be added to without changing more.',
    fix: 'Write the document more plainly, without anchors and tags.',
  },
  ServerVersionTooOld: {
    area: 'process',
    cause: 'The Kubernetes that is to run the pods is older than Lanyard supports.',
    fix: 'Use Kubernetes 1.30 or later.',
  },
  CertificateInvalid: {
    area: 'process',
    cause: 'The certificate and the key of the webhook cannot be used.',
    fix: 'Give PEM files of one certificate chain and its own private key.',
  },
  PortInUse: {
    area: 'process',
    cause: 'Something else listens on the port.',
    fix: 'Stop it, or choose another port by the setting that the message names.',
  },
  ListenFailed: {
    area: 'process',
    cause: 'The address cannot be listened on.',
    fix: 'Correct the address or port that the message names.',
  },
  StateUnwritable: {
    area: 'process',
    cause: 'The sidecar cannot write its endpoint tokens or its state.',
    fix: 'Look at the volumes lanyard-endpoint and lanyard-state of the pod.',
  },
  GateTimeout: {
    area: 'process',
    cause: 'There were no credentials within the time of the start gate.',
    fix: "Look at the sidecar's Last State in kubectl describe pod: its message names the cause.",
  },
  DemoFailed: {
    area: 'process',
    cause: 'A step of the demonstration did not do what it should.',
    fix: 'Mend that, and run the demo again.',
  },
} as const satisfies Record<string, CodeEntry>

/** Of every program, and of a review that meets it. */
export const internalCode = {
  Internal: {
    area: 'review',
    cause: 'Lanyard failed in a way it should not.',
    fix: 'Report it, with what was logged at that moment.',
  },
} as const satisfies Record<string, CodeEntry>
