import type { IForbiddenRuleType } from 'dependency-cruiser'
import { command, exceptions, type Room, rooms } from '../rooms.ts'

type Rule = IForbiddenRuleType

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
const inside = (name: string): string => `^src/${literal(name)}/`
const npm = '(^|/)node_modules/'
const npmOf = (name: string): string =>
  name.endsWith('/*') ? `${npm}${literal(name.slice(0, -1))}` : `${npm}(@types/)?${literal(name)}/`

const rule = (name: string, comment: string, arrow: { readonly from: object; readonly to: object }): Rule =>
  ({ name, comment, severity: 'error', ...arrow }) as Rule

function rulesOf([name, room]: [string, Room]): Rule[] {
  const nested = Object.keys(rooms).filter((other) => other.startsWith(`${name}/`))
  const own = exceptions.filter(({ file }) => file.startsWith(`src/${name}/`)).map(({ file }) => `^${literal(file)}$`)
  const from = { path: inside(name), pathNot: nested.map(inside) }
  const allowed = [...room.rooms.map(inside), ...(room.rooms.includes(name) ? [] : [inside(name)])]
  const closed = nested.filter((other) => !room.rooms.includes(other)).map(inside)
  return [
    rule(`${name}-rooms`, `${name} may import ${listed(room.rooms)}`, {
      from,
      to: { path: '^src/', pathNot: allowed },
    }),
    ...closed.map((path) => rule(`${name}-rooms`, `${name} may import ${listed(room.rooms)}`, { from, to: { path } })),
    rule(`${name}-packages`, `${name} may import the packages ${listed(room.packages ?? [])}`, {
      from: { path: from.path, pathNot: [...from.pathNot, ...own] },
      to: { path: npm, pathNot: (room.packages ?? []).map(npmOf) },
    }),
    ...(room.pure
      ? [rule(`${name}-pure`, `${name} is pure: nothing of node:*`, { from, to: { dependencyTypes: ['core'] } })]
      : []),
  ]
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing else' : names.join(', '))
const adapters = Object.keys(rooms).filter((name) => rooms[name]?.adapter)

const general: readonly Rule[] = [
  rule('no-cycle', 'nothing imports itself by a detour', { from: { path: '^(src|cmd)/' }, to: { circular: true } }),
  rule('no-riddle', 'what is imported exists', { from: {}, to: { couldNotResolve: true } }),
  rule('no-stranger', 'what is imported at run time is a dependency in package.json', {
    from: { path: '^(src|cmd)/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional'] },
  }),
  rule('no-way-up', 'src never imports cmd, tests or scripts', {
    from: { path: '^src/' },
    to: { path: '^(cmd|test|scripts)/' },
  }),
  rule('no-tests', 'cmd never imports tests or scripts', { from: { path: '^cmd/' }, to: { path: '^(test|scripts)/' } }),
  rule('known-rooms', 'every room is in scripts/rooms.ts', {
    from: { path: '^src/[^/]+/', pathNot: Object.keys(rooms).map(inside) },
    to: {},
  }),
  rule('adapters-apart', 'adapters never import one another', {
    from: { path: `^src/(${adapters.join('|')})/` },
    to: { path: `^src/(${adapters.join('|')})/`, pathNot: '^src/$1/' },
  }),
  rule('cmd-packages', `cmd may import the packages ${listed(command.packages)}`, {
    from: { path: '^cmd/' },
    to: { path: npm, pathNot: command.packages.map(npmOf) },
  }),
  rule(
    'gate-alone',
    'the program of the start gate runs at the start of every pod, so it is node:net and nothing else',
    {
      from: { path: '^cmd/wait\\.ts$' },
      to: { pathNot: '^(node:)?net$' },
    },
  ),
]

const closedRules = Object.entries(command.closed).map(([name, openers]) =>
  rule(`cmd-${name}`, `only ${listed(openers.map((opener) => `${opener}*`))} may import ${name}`, {
    from: { path: '^cmd/', pathNot: openers.map((opener) => `^${literal(opener)}`) },
    to: { path: inside(name) },
  }),
)

const exceptionRules = exceptions.map(({ file, packages }) =>
  rule('exceptions', `${file} may import the packages ${listed(packages)}`, {
    from: { path: `^${literal(file)}$` },
    to: { path: npm, pathNot: packages.map(npmOf) },
  }),
)

/** The table of rooms as rules of dependency-cruiser. */
export const arrowRules: readonly Rule[] = [
  ...general,
  ...closedRules,
  ...exceptionRules,
  ...Object.entries(rooms).flatMap(rulesOf),
]
