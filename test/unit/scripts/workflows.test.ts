import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { BUILDKIT, TARGETS } from '../../../scripts/release/imageBuild.ts'
import { readWorkflow, readWorkflows, type Workflow } from '../../../scripts/workflows/read.ts'
import { ruleProblems } from '../../../scripts/workflows/rules.ts'
import {
  differingVersions,
  matrixOf,
  missingSuites,
  suitesIn,
  unknownScripts,
} from '../../../scripts/workflows/suites.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const workflow = (text: string): Workflow => readWorkflow('x.yml', text)
const SHA = '0123456789012345678901234567890123456789'

const good = `
on: [push]
permissions: {}
concurrency: one
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${SHA} # v1.2.3
        with:
          persist-credentials: false
      - name: test
        run: npm test
`

const problems = (text: string): readonly string[] => ruleProblems(workflow(text))
const change = (from: string | RegExp, to: string): readonly string[] => {
  const changed = good.replace(from, to)
  expect(changed).not.toBe(good)
  return problems(changed)
}

describe('a workflow', () => {
  test('without a fault has no problem', () => expect(problems(good)).toEqual([]))

  test.each([
    ['an action by its tag', `@${SHA} # v1.2.3`, '@v1', 'x.yml: actions/checkout@v1 is not pinned by a commit'],
    ['one by a part of a commit', SHA, SHA.slice(0, 7), 'is not pinned by a commit'],
    ['one without a version', ' # v1.2.3', '', 'has no comment with its version'],
    ['one with half a version', 'v1.2.3', 'v1', 'has no comment with its version'],
    ['permissions for all jobs', 'permissions: {}', 'permissions: write-all', 'its permissions are not {}'],
    ['no permissions at the top', 'permissions: {}\n', '', 'its permissions are not {}'],
    ['a job without', / {4}permissions:\n {6}contents: read\n/, '', 'job test: it does not say its permissions'],
    ['a job with all', /permissions:\n {6}contents: read/, 'permissions: write-all', 'does not say its permissions'],
    ['no timeout', '    timeout-minutes: 5\n', '', 'job test: it has no timeout'],
    ['no concurrency', 'concurrency: one\n', '', 'it has no concurrency group'],
    [
      "strangers' code with rights",
      'on: [push]',
      'on:\n  pull_request_target:',
      "gives strangers the repository's rights",
    ],
    ['the same by a name alone', 'on: [push]', 'on: workflow_run', "gives strangers the repository's rights"],
    ['a token that stays', 'persist-credentials: false', 'fetch-depth: 0', 'leaves the token in the checkout'],
    ['an expression in a script', 'npm test', `echo "\${{ github.event.issue.title }}"`, 'hand it in by env'],
  ])('%s', (_, from, to, problem) => expect(change(from, to)).toEqual([expect.stringContaining(problem)]))

  test('a reusable one is pinned too', () => {
    expect(
      problems(
        `${good}  other:\n    permissions: {}\n    timeout-minutes: 1\n    uses: a/b/.github/workflows/c.yml@main\n`,
      ),
    ).toEqual(['x.yml: a/b/.github/workflows/c.yml@main is not pinned by a commit'])
  })

  test('that cannot be read', () => {
    expect(() => workflow('a: [')).toThrow('x.yml: ')
    expect(() => workflow('name: x')).toThrow('x.yml has no jobs')
  })
})

describe('suites', () => {
  const script = "suite install npm ci\nsuite test npm test\nsuite 'chart, Helm 3' chart 3\n  suite inner\n"

  test('are read out of the script', () => expect(suitesIn(script)).toEqual(['install', 'test', 'chart, Helm 3']))

  test('that no step is named for are told, a matrix being filled in', () => {
    const text = good.replace('name: test', `name: chart, Helm \${{ matrix.major }}`)
    const matrix = text.replace('    steps:', '    strategy:\n      matrix:\n        major: [3, 4]\n    steps:')
    expect(missingSuites(script, workflow(matrix))).toEqual([
      'x.yml: no step is called "install", which is a suite of .ci/run',
      'x.yml: no step is called "test", which is a suite of .ci/run',
    ])
  })

  test('of a matrix are its axes combined, and what it includes', () => {
    const matrix = { a: [1, 2], b: ['x'], include: [{ a: 3 }] }
    expect(matrixOf({ strategy: { matrix } })).toEqual([{ a: '1', b: 'x' }, { a: '2', b: 'x' }, { a: '3' }])
    expect(matrixOf({})).toEqual([])
  })

  test('run scripts that are there', () => {
    const text = good.replace('npm test', '|\n          npm run there\n          HELM=x npm run -s gone -- --flag')
    expect(unknownScripts(workflow(text), { there: '' })).toEqual(['x.yml: package.json has no script gone'])
  })

  test('install one version of a program', () => {
    const texts = [
      'GOBIN=x go install a.b/c@v1.0.0',
      'helm_of 3 helm.sh/helm/v3/cmd/helm@v3.1.0 &&',
      '  run: go install a.b/c@v1.0.1',
    ]
    expect(differingVersions(texts)).toEqual(['a.b/c is installed at v1.0.0 and v1.0.1'])
    expect(differingVersions([...texts.slice(0, 2), 'go install helm.sh/helm/v3/cmd/helm@v3.2.0\n'])).toEqual([
      'helm.sh/helm/v3/cmd/helm is installed at v3.1.0 and v3.2.0',
    ])
  })
})

describe("this checkout's workflows", () => {
  const all = readWorkflows(root)
  const find = (name: string): Workflow => {
    const found = all.find(({ path }) => path.endsWith(`/${name}`))
    if (found === undefined) throw new Error(`no ${name}`)
    return found
  }

  test('keep the rules, and run scripts that are there', () => {
    expect(all.map(({ path }) => path)).toEqual(expect.arrayContaining(['.github/workflows/release.yml']))
    const { scripts } = JSON.parse(read('package.json'))
    expect(all.flatMap((one) => [...ruleProblems(one), ...unknownScripts(one, scripts)])).toEqual([])
  })

  test('do what .ci/run does, with the same versions', () => {
    expect(suitesIn(read('.ci/run'))).toEqual(expect.arrayContaining(['install', 'test', 'chart, Helm 4', 'bench']))
    expect(missingSuites(read('.ci/run'), find('ci.yml'))).toEqual([])
    expect(differingVersions([read('.ci/run'), ...all.map(({ path }) => read(path))])).toEqual([])
  })

  test('have writers only where something is published', () => {
    const writers = all.flatMap(({ path, jobs }) =>
      Object.entries(jobs).flatMap(([name, { permissions }]) =>
        Object.entries((permissions ?? {}) as Readonly<Record<string, string>>)
          .filter(([, right]) => right === 'write')
          .map(([what]) => `${path.split('/').at(-1)} ${name} ${what}`),
      ),
    )
    expect(writers.filter((one) => !/^release\.yml (images|chart|npm|release) /.test(one))).toEqual([
      'codeql.yml analyze security-events',
    ])
  })

  test('push nothing before a job that agrees on versions, and one that builds everything first', () => {
    const { jobs } = find('release.yml')
    const needs = (name: string): readonly string[] => {
      const { needs: direct = [] } = (jobs[name] ?? {}) as { readonly needs?: string | readonly string[] }
      const names = typeof direct === 'string' ? [direct] : direct
      return names.flatMap((one) => [one, ...needs(one)])
    }
    const pushing = Object.keys(jobs).filter((name) => name !== 'agree' && name !== 'rehearse')
    for (const name of pushing) expect(needs(name)).toEqual(expect.arrayContaining(['agree', 'rehearse']))
  })

  test('build the targets that are published, by the BuildKit that `npm run reproduce` takes', () => {
    const release = find('release.yml')
    const targets = matrixOf(release.jobs['images'] ?? {}).map(({ target = '', ...rest }) => [target, rest])
    expect(Object.fromEntries(targets)).toEqual(TARGETS)
    const drivers = Object.values(release.jobs).flatMap(({ steps = [] }) =>
      steps.flatMap((step) => step.with?.['driver-opts'] ?? []),
    )
    expect(drivers).toEqual(drivers.map(() => `image=moby/buildkit:${BUILDKIT}`))
    expect(drivers.length).toBeGreaterThan(1)
    expect(read('scripts/release/builder/go.mod')).toContain(`github.com/moby/buildkit ${BUILDKIT}`)
  })
})
