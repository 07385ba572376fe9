import { parseAllDocuments } from 'yaml'
import { type KubeObject, kubectl } from './kubectl.ts'
import { NAMESPACE, RELEASE, told } from './settings.ts'
import { must, type Ran, run } from './shell.ts'

/** Helm built from source claims a version of the cluster of its own. */
async function template(release = RELEASE): Promise<readonly string[]> {
  const { serverVersion } = JSON.parse(await kubectl(['version', '-o', 'json']))
  const version = ['--kube-version', serverVersion.gitVersion]
  return ['template', release, told().charts.current, '-n', NAMESPACE, ...version, '-f', '-']
}

/** What `helm template` makes of values, as text. */
export const render = async (values: object, release?: string): Promise<string> =>
  must('helm', await template(release), { input: JSON.stringify(values) })

/** For values that may be refused. */
export const tryRender = async (values: object): Promise<Ran> =>
  run('helm', await template(), { input: JSON.stringify(values) })

export const objectsIn = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS()
    return object === null || object === undefined ? [] : [object as KubeObject]
  })
