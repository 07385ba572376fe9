import { table } from './markdown.ts'

type Peer = {
  readonly name: string
  readonly start: string
  readonly memory: string
  readonly idle: string
  readonly remarks: string
}

/** As they were measured once, with the same tools and beside the same empty servers: the bench does not run them. */
const peers: readonly Peer[] = [
  {
    name: "EKS's Pod Identity agent",
    start: '18.6 ms',
    memory: '6.0 / 6.5 / 7.0 MiB',
    idle: '0.015 ms/s',
    remarks: 'one for a whole node, at most 1,000 requests/s',
  },
  {
    name: "IAM Roles Anywhere's credential helper, `serve`",
    start: '11.3 ms',
    memory: '3.9 / 5.5 / 7.2 MiB',
    idle: '0.038 ms/s',
    remarks: 'renews only when it is asked',
  },
  {
    name: "EKS's Pod Identity webhook",
    start: '16 ms; 1.46 s with 50,000 ServiceAccounts, while pods pass without a change',
    memory: '5.6 MiB idle; 10 after 10,000 pods of 4 kB; 55 after 150 of 1 MB',
    idle: '',
    remarks: '50,000 ServiceAccounts add 61 to 75 MiB',
  },
]

/** What the column of peers is taken from. */
export const peersChapter = (): string =>
  [
    '## The peers',
    '',
    'Programs of Go, measured on 2026-11-23 with two processors. Of those that serve credentials, private memory is that at the',
    'first credentials, after 1,000 and after 20,000 requests.',
    '',
    table(
      ['Program', 'Start', 'Private memory', 'Idle CPU', 'Remarks'],
      peers.map(({ name, start, memory, idle, remarks }) => [name, start, memory, idle, remarks]),
    ),
  ].join('\n')
