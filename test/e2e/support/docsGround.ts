/** What the pages speak of, so that their commands can be run: an app in a namespace, files, programs, and names in place of theirs. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { stringify } from 'yaml'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { withDefinitions } from './crds.ts'
import { apply, kubectl, podReady, rolledOut, tryKubectl } from './kubectl.ts'
import { ensureInstalled, valuesFor } from './lanyard.ts'
import { policyValues } from './policy.ts'
import { NAMESPACE, RELEASE, told } from './settings.ts'
import { must, run } from './shell.ts'
import { authority, CA, copyAuthority, namespace } from './sts.ts'
import { makeNamespace, pod, workload } from './workloads.ts'

export const SHOP = 'shop'

/** The folder in which the commands are run: the checkout's parts that pages name, and what their reader has. */
export async function makeFolder(folder: string): Promise<void> {
  const root = process.cwd()
  for (const name of ['charts', 'docs', 'examples', 'Dockerfile']) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(join(folder, 'bin'))
  program(folder, 'lanyard', `exec '${process.execPath}' '${root}/cmd/lanyard.ts' "$@"`)
  // The one thing that the pages ask of yq.
  const yq =
    "process.stdout.write(require('yaml').stringify(require('yaml').parse(require('fs').readFileSync(process.argv[2],'utf8'))[process.argv[1].slice(1)]))"
  program(folder, 'yq', `cd "$PWD"; NODE_PATH='${root}/node_modules' exec '${process.execPath}' -e "${yq}" "$1" "$2"`)
  const values = valuesFor(told().images.product)
  writeFileSync(join(folder, 'values.yaml'), stringify({ ...values, injector: 'webhook' }))
  writeFileSync(join(folder, 'web.yaml'), JSON.stringify(pod('web', SHOP)))
  writeFileSync(join(folder, 'pod.yaml'), JSON.stringify(pod('web', SHOP)))
  writeChart(join(folder, 'shopchart'))
  writeFileSync(join(folder, 'sts-ca.crt'), await authority())
  const ca = await createCertificateAuthority({ name: 'docs', now: Date.now })
  const { cert, key } = await ca.issue([`lanyard-webhook.${NAMESPACE}.svc`])
  for (const [name, text] of Object.entries({
    'ca.crt': ca.pem,
    'tls.crt': cert,
    'tls.key': key,
    'authorities.pem': ca.pem,
  }))
    writeFileSync(join(folder, name), text)
}

function program(folder: string, name: string, script: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

/** A chart with a pod that asks. */
function writeChart(folder: string): void {
  mkdirSync(join(folder, 'templates'), { recursive: true })
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 1.0.0\n')
  writeFileSync(join(folder, 'templates/deployment.yaml'), JSON.stringify(workload('Deployment', 'api', SHOP)))
}

/** An app `web`, as a pod and as a Deployment, with its role: made anew, as what a page has installed injects otherwise. */
export async function makeShop(): Promise<void> {
  const { code } = await tryKubectl(['get', 'configmap', CA.configMap, '-n', SHOP])
  if (code === 0) {
    await kubectl(['annotate', 'namespace', SHOP, 'lanyard.dev/permitted-roles-'])
    await kubectl(['delete', 'pods', '--all', '-n', SHOP, '--force', '--grace-period=0'])
  } else await makeNamespace(SHOP)
  await apply([pod('web', SHOP), workload('Deployment', 'web', SHOP)])
  await podReady('web', SHOP)
  await rolledOut('deployment/web', SHOP)
}

export const dropShop = async (): Promise<void> =>
  void (await tryKubectl(['delete', 'namespace', SHOP, '--ignore-not-found', '--timeout=90s']))

/** Nothing of Lanyard's is there, as at a first installation. */
export async function uninstalled(): Promise<void> {
  await run('helm', ['uninstall', RELEASE, '-n', NAMESPACE, '--wait', '--timeout', '90s'])
  await tryKubectl(['delete', 'mutatingwebhookconfiguration', 'lanyard-webhook', '--ignore-not-found'])
}

export async function withoutNamespace(): Promise<void> {
  await uninstalled()
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=90s'])
}

/** As the other suites want it, whatever a page has left. */
export async function restored(): Promise<void> {
  await apply([namespace(NAMESPACE)])
  await copyAuthority(NAMESPACE)
  const found = await run('helm', ['get', 'values', RELEASE, '-n', NAMESPACE])
  if (found.code !== 0) await uninstalled()
  await ensureInstalled()
}

let takeDefinitionsAway: (() => Promise<void>) | undefined

/** What the chart asks of cert-manager, which is not here: its definitions are, and the API server judges by them. */
export async function withCertificate(): Promise<void> {
  takeDefinitionsAway ??= await withDefinitions()
  const asked = [
    '--kube-version',
    '1.36.0',
    '--set',
    'tls.mode=certManager',
    '--show-only',
    'templates/certificate.yaml',
  ]
  const input = await must('helm', ['template', RELEASE, told().charts.current, '-n', NAMESPACE, ...asked])
  await must('kubectl', ['apply', '-n', NAMESPACE, '-f', '-'], { input })
}

export const withoutCertificates = async (): Promise<void> => takeDefinitionsAway?.()

/** The values of the page on the mode without the webhook, with what is told of the STS here. */
export async function writePolicyValues(folder: string): Promise<void> {
  await uninstalled()
  const values = valuesFor(told().images.product, await policyValues({ webhook: {} }))
  // As JSON, which YAML 1.1 and 1.2 read alike.
  writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values))
}

const images = (): { readonly product: string; readonly testbed: string } => told().images
const load = (image: string): string => told().load.replaceAll('{}', image)

/** Texts of the pages, and what stands for them here. */
const REPLACED: readonly (readonly [of: RegExp, by: (...groups: readonly string[]) => string])[] = [
  [
    /--set image\.repository=registry\.example\.com\/lanyard/g,
    () => `--set ${images().product.replace(/^(.*):(.*)$/, 'image.repository=$1,image.tag=$2')}`,
  ],
  [/registry\.example\.com\/lanyard:0\.1\.0/g, () => images().product],
  [
    /^docker build -t lanyard-testbed:dev --target testbed \.$/gm,
    () => `docker tag ${images().testbed} lanyard-testbed:dev && ${load('lanyard-testbed:dev')}`,
  ],
  [/^docker build (.*?) \.(?= +[#&]|$)/gm, (_, rest) => `docker build -q ${rest} '${process.cwd()}'`],
  // The nodes have it already: there is no registry here.
  [/docker push (\S+)/g, (_, image) => `docker image inspect -f '{{.Id}}' ${image}`],
  // The STS here is not AWS's, and has an authority of its own.
  [/lanyard inject /g, () => 'lanyard inject --aws-sts-ca-file sts-ca.crt '],
  // With the guard its text has to be known.
  [
    /--set config\.permission\.mode=required/g,
    (text) => `${text} --set stsCa.configMap= --set-file stsCa.pem=sts-ca.crt`,
  ],
  // It ends with 1 where an app would be denied, which is what the page looks for.
  [
    /(lanyard inject [^|]*--config required\.yaml[^|]*)\|/g,
    (_, command) =>
      `{ ${command.replace(/\\\s*$/, '')} > outcomes.json || [ $? = 1 ]; } && grep -q '"outcome"' outcomes.json && cat outcomes.json |`,
  ],
  [/-f VALUES/g, () => '-f values.yaml'],
  [/helm template shop \./g, () => 'helm template shop shopchart'],
  [/kubectl drain NODE/g, () => 'kubectl drain --dry-run=server "$(kubectl get nodes -o name | head -1)" --force'],
  [/kubectl -n NAMESPACE apply/g, () => `kubectl -n ${SHOP} apply`],
]

/** A block with the names of what is here. */
export const inPlace = (block: string): string =>
  REPLACED.reduce((text, [of, by]) => text.replace(of, (...groups) => by(...groups.map(String))), block)

/** What no block has any more. */
export const unusedReplacements = (blocks: readonly string[]): readonly RegExp[] =>
  REPLACED.map(([of]) => of).filter((of) => !blocks.some((block) => block.search(of) >= 0))

/** Runs a block as somebody types it; answers what it wrote. */
export const follow = (block: string, folder: string): Promise<string> =>
  must('bash', ['-euo', 'pipefail', '-c', inPlace(block)], {
    cwd: folder,
    env: { PATH: `${folder}/bin:${process.env['PATH']}` },
    timeout: 240_000,
  })
