import { command, exceptions, rooms } from '../rooms.ts'
import { code, codes, heading, table } from './markdown.ts'

/** docs/reference/rooms.md: which room may import which. */
export const roomsPage = (): string =>
  [
    heading('Rooms', 'For contributors: the folders of `src/`, and what each may import.'),
    '`npm run check` holds the code to this table. A pure room has nothing of node:*, no package, no clock, no randomness',
    'and no process; an adapter joins a port to the world, and adapters never import one another. Wiring happens in `cmd/`',
    'only, which may import every room.',
    '',
    table(['Room', 'What it is', 'Kind', 'Rooms that it may import', 'Packages'], rows()),
    ...Object.entries(command.closed).map(
      ([name, openers]) =>
        `- Of \`cmd/\`, only ${codes(openers.map((opener) => `${opener}*`))} may import ${code(name)}.`,
    ),
    ...exceptions.map(
      ({ file, packages, because }) => `- ${code(file)} may import ${codes(packages)} as well: ${because}.`,
    ),
    '- `cmd/wait.ts` imports `node:net` and nothing else: it runs at the start of every pod.',
    '',
  ].join('\n')

const rows = (): readonly (readonly string[])[] =>
  Object.entries(rooms).map(([name, room]) => [
    code(name),
    room.doc,
    room.pure ? 'pure' : room.adapter ? 'adapter' : '',
    codes(room.rooms),
    codes(room.packages ?? []),
  ])
