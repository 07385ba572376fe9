import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { textOf } from './pages.ts'

const page = textOf('docs/operators/versions.md')
/** What a row of its tables says, behind the first cell. */
const rowOf = (what: string): string => page.split('\n').find((line) => line.startsWith(`| ${what} |`)) ?? ''

test('the oldest Kubernetes is the chart’s', () => {
  const { kubeVersion } = parse(textOf('charts/lanyard/Chart.yaml')) as { readonly kubeVersion: string }
  const [, oldest = 'unknown'] = /^>=(\d+\.\d+)\.0-0$/.exec(kubeVersion) ?? []
  expect(rowOf('Kubernetes API server')).toContain(`${oldest} and later`)
  expect(textOf('docs/operators/install.md')).toContain(`**Kubernetes ${oldest} or later**`)
})

test('and so is the oldest for the mode without the webhook', () => {
  const [, oldest = 'unknown'] =
    /semverCompare "<(\d+\.\d+)/.exec(textOf('charts/lanyard/templates/_injectionpatch.tpl')) ?? []
  expect(rowOf('Kubernetes API server')).toContain(`needs ${oldest}`)
})

test('the oldest Helm and Node.js are those of the pages and of the package', () => {
  const [, helm = 'unknown'] = /\*\*Helm (\S+) or later, or 4\*\*/.exec(textOf('docs/operators/install.md')) ?? []
  expect(rowOf('Helm')).toContain(`${helm} and later, 4`)
  const { engines } = JSON.parse(textOf('package.json')) as { readonly engines: { readonly node: string } }
  expect(rowOf('Node.js')).toContain(`need ${engines.node.replace('>=', '')} or later`)
})

test('every part of the contract leads to what is held to the code', () => {
  for (const reference of ['annotations', 'settings', 'endpoint', 'commands', 'errors', 'metrics'])
    expect(page).toContain(`../reference/${reference}.md`)
})
