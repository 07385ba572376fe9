import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { fencedIn } from '../integration/docs/pages.ts'
import {
  dropShop,
  follow,
  makeFolder,
  makeShop,
  restored,
  uninstalled,
  withoutNamespace,
} from './support/docsGround.ts'
import { kubectl, tryKubectl } from './support/kubectl.ts'
import { NAMESPACE } from './support/settings.ts'
import { must } from './support/shell.ts'

const MARK = '<!-- run by test/e2e/docs.test.ts -->'
const folder = mkdtempSync(join(tmpdir(), 'lanyard-docs-'))

/** What has to be so before a block: by a part of the block. */
const BEFORE: readonly { readonly of: RegExp; readonly make: () => Promise<unknown> }[] = [
  { of: /^kubectl create namespace lanyard-system$/m, make: withoutNamespace },
  { of: /^helm install lanyard/m, make: uninstalled },
  {
    of: /^helm rollback/m,
    make: () =>
      must('helm', ['upgrade', 'lanyard', 'charts/lanyard', '-n', NAMESPACE, '--reset-then-reuse-values', '--wait']),
  },
  { of: /^kubectl create namespace shop$/m, make: dropShop },
  {
    of: /create configmap sts-ca/,
    make: () => kubectl(['delete', 'configmap', 'sts-ca', '-n', NAMESPACE, '--ignore-not-found']),
  },
  { of: /^helm upgrade --install .*-f values\.yaml/m, make: uninstalled },
  { of: /--config required\.yaml/, make: writeRequired },
  {
    of: /^kubectl create namespace sts$/m,
    make: () => tryKubectl(['delete', 'namespace', 'sts', '--ignore-not-found', '--timeout=60s']),
  },
]

/** The configuration as it is, but that permission is required. */
async function writeRequired(): Promise<void> {
  const text = await kubectl([
    '-n',
    NAMESPACE,
    'get',
    'configmap',
    'lanyard-webhook',
    '-o',
    'jsonpath={.data.config\\.yaml}',
  ])
  writeFileSync(
    join(folder, 'required.yaml'),
    `${text.replace(/^permission:[\s\S]*?(?=^\S|$(?![\s\S]))/m, '')}\npermission: { mode: required }\n`,
  )
}

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((page) => ({ page, blocks: fencedIn(page).filter(({ before }) => before.endsWith(MARK)) }))
  .filter(({ blocks }) => blocks.length > 0)

beforeAll(async () => {
  await makeFolder(folder)
  await restored()
})
afterAll(async () => {
  await tryKubectl(['delete', 'namespace', 'sts', '--ignore-not-found', '--wait=false'])
  await dropShop()
  await restored()
  rmSync(folder, { recursive: true, force: true })
})

/** A page's commands, one block behind the other, as its reader types them. */
describe.each(pages)('$page', ({ blocks }) => {
  beforeAll(async () => {
    await restored()
    await makeShop()
  })
  test.each(blocks.map(({ body }, index) => [index + 1, body.split('\n')[0]?.slice(0, 70), body] as const))(
    '%i: %s',
    async (_, __, body) => {
      for (const { of, make } of BEFORE) if (of.test(body)) await make()
      await follow(body, folder)
    },
  )
})
