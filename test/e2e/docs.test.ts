import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { fencedIn } from '../integration/docs/pages.ts'
import {
  dropShop,
  follow,
  makeFolder,
  makeShop,
  restored,
  SHOP,
  uninstalled,
  unusedReplacements,
  withCertificate,
  withoutCertificates,
  withoutNamespace,
  writePolicyValues,
} from './support/docsGround.ts'
import { kubectl, tryApply, tryKubectl } from './support/kubectl.ts'
import { NAMESPACE } from './support/settings.ts'
import { must } from './support/shell.ts'
import { copyAuthority } from './support/sts.ts'
import { pod } from './support/workloads.ts'

const MARK = '<!-- run by test/e2e/docs.test.ts -->'
const folder = mkdtempSync(join(tmpdir(), 'lanyard-docs-'))

/** What has to be so before a block: by a part of the block. */
const BEFORE: readonly { readonly of: RegExp; readonly make: () => Promise<unknown> }[] = [
  { of: /^kubectl create namespace lanyard-system$/m, make: withoutNamespace },
  { of: /(?<![\s\S])(?![\s\S]*helm uninstall)(?=[\s\S]*\bhelm install lanyard)/, make: uninstalled },
  // A page has made the namespace anew.
  { of: /^helm uninstall lanyard.*\nhelm install/m, make: () => copyAuthority(NAMESPACE) },
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
  { of: /^helm upgrade --install .*-f values\.yaml/m, make: () => writePolicyValues(folder) },
  // Of which the log tells.
  {
    of: /logs .* \| grep shop/,
    make: async () => {
      await restored()
      await tryApply([pod('asked', SHOP)], '--dry-run=server')
    },
  },
  { of: /describe certificate /, make: withCertificate },
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

/** What leaves the cluster otherwise than it was. */
const CHANGES =
  /\bhelm (install|upgrade|uninstall|rollback)|\bkubectl (-n \S+ )?(delete|create|annotate|label|apply(?! --dry-run)|patch|scale)/
type Page = { readonly page: string; readonly blocks: readonly { readonly body: string }[] }
const isChanging = ({ blocks }: Page): boolean => blocks.some(({ body }) => CHANGES.test(body))

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .trim()
  .split('\n')
const pages: readonly Page[] = files
  .map((page) => ({ page, blocks: fencedIn(page).filter(({ before }) => before.endsWith(MARK)) }))
  .filter(({ blocks }) => blocks.length > 0)
  // Those that only look come first, and share what they look at.
  .sort((one, other) => Number(isChanging(one)) - Number(isChanging(other)))

beforeAll(() => makeFolder(folder))
afterAll(async () => {
  await tryKubectl(['delete', 'namespace', 'sts', 'filebox', '--ignore-not-found', '--wait=false'])
  await dropShop()
  await withoutCertificates()
  await restored()
  rmSync(folder, { recursive: true, force: true })
})

let isAsItWas = false

/** What the pages show beside pods, which test/integration/docs/manifests.test.ts has injected. */
describe('the API server accepts what the pages show', () => {
  const shown = files
    .flatMap((page) => fencedIn(page).filter(({ language }) => language === 'yaml'))
    .flatMap(({ body }) => parseAllDocuments(body).map((document) => document.toJS()))
    .filter(({ apiVersion, kind }) => apiVersion !== undefined && kind !== 'Pod')
  beforeAll(async () => {
    await restored()
    await makeShop()
    isAsItWas = true
  })
  test.each(shown)('$kind $metadata.name', async (manifest) => {
    expect(await tryApply([manifest], '--dry-run=server')).toMatchObject({ code: 0 })
  })
})

test('nothing is changed in vain in the commands, or made for none of them', () => {
  const blocks = pages.flatMap(({ blocks: all }) => all.map(({ body }) => body))
  expect(unusedReplacements(blocks)).toEqual([])
  expect(BEFORE.filter(({ of }) => !blocks.some((block) => of.test(block)))).toEqual([])
})

/** A page's commands, one block behind the other, as its reader types them, who stops where one fails. */
describe.each(pages)('$page', ({ blocks }) => {
  beforeAll(async () => {
    if (isAsItWas) return
    await restored()
    await makeShop()
  })
  let failed: string | undefined
  afterAll(() => {
    isAsItWas = !isChanging({ page: '', blocks })
  })
  test.each(blocks.map(({ body }, index) => [index + 1, body.split('\n')[0]?.slice(0, 70), body] as const))(
    '%i: %s',
    async (_, first, body) => {
      if (failed !== undefined) throw new Error(`not run, since ${failed} failed`)
      failed = first
      for (const { of, make } of BEFORE) if (of.test(body)) await make()
      await follow(body, folder)
      failed = undefined
    },
  )
})
