import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const CHART = fileURLToPath(new URL('../../charts/lanyard', import.meta.url))
export const RELEASE = 'lanyard'
export const NAMESPACE = 'lanyard-system'
/** The oldest that is supported. Given, since a Helm that was built without its linker flags takes the cluster to be 1.20. */
const CLUSTER = '1.30.0'

export type HelmRun = { readonly ok: boolean; readonly stdout: string; readonly stderr: string }
export type Rendered = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** Runs Helm 3 or 4: the variable HELM, else `helm` of the PATH. */
export function helm(args: readonly string[], input = ''): Promise<HelmRun> {
  const program = process.env['HELM'] ?? 'helm'
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 16_777_216 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ ok: error === null, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

/** `helm template` with the values of a YAML text. */
export const template = (values: string, chart = CHART, cluster = CLUSTER): Promise<HelmRun> =>
  helm(['template', RELEASE, chart, '-n', NAMESPACE, '--kube-version', cluster, '-f', '-'], values)

const rendered = new Map<string, Promise<readonly Rendered[]>>()

/** The objects of our chart with these values; the same values are rendered once. */
export function render(values: string): Promise<readonly Rendered[]> {
  const objects = rendered.get(values) ?? renderChart(CHART, values)
  rendered.set(values, objects)
  return objects
}

/** The objects that a chart renders. Throws where it does not. */
export async function renderChart(chart: string, values: string, cluster = CLUSTER): Promise<readonly Rendered[]> {
  const { ok, stdout, stderr } = await template(values, chart, cluster)
  if (!ok) throw new Error(stderr)
  return parseAllDocuments(stdout, { version: '1.1' }).flatMap((document) => {
    const object = document.toJS() as Rendered | null
    return object === null ? [] : [object]
  })
}

/** The object of a kind, the Lanyard webhook's where there are several. Throws where there is not one. */
export function only(objects: readonly Rendered[], kind: string): Rendered {
  const all = objects.filter((object) => object.kind === kind)
  const own = all.length === 1 ? all : all.filter(({ metadata }) => metadata.name.endsWith('-webhook'))
  const [found, ...others] = own
  if (found === undefined || others.length > 0) throw new Error(`there are ${own.length} objects of kind ${kind}`)
  return found
}
