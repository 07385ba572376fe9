import process from 'node:process'
import { Failure, failOn } from '../../src/errors/index.ts'
import { type ConfigOf, readConfig } from '../../src/settings/index.ts'
import type { GivenFlags } from '../../src/terminal/flags.ts'
import { VERSION } from '../../src/version.ts'
import type { Ground } from '../../src/webhook/index.ts'
import { parseYaml, readText } from '../configFile.ts'
import { contradictions, readStsCa } from '../webhook/settings.ts'

/** The configuration file as the cluster has it, and where. */
export type Deployed = { readonly text: string; readonly title: string }

/**
 * The webhook's configuration, as far as decisions depend on it: the cluster's, or a file's, over which variables win as
 * they do in the webhook. Throws Failure with every problem.
 */
export function readGround({ texts }: GivenFlags, deployed: Deployed | undefined): Ground {
  const path = texts['config']
  const local = { env: process.env, file: path && parseLocal(readText(path, '--config'), path) }
  const sources = deployed === undefined ? local : { file: parseYaml(deployed.text, deployed.title) }
  const { values, problems } = readConfig('webhook', { flags: texts, ...sources })
  failOn([...problems, ...contradictions(values, problems)])
  const stsCa = readAuthorities(values, deployed !== undefined && texts['aws-sts-ca-file'] === undefined)
  return { config: values, version: VERSION, ...(stsCa !== undefined && { stsCa }) }
}

/** The chart's values have the settings one level down: else each of their keys would be a setting that is not known. */
function parseLocal(text: string, path: string): unknown {
  const file = parseYaml(text, path)
  if (typeof file !== 'object' || file === null || !('config' in file)) return file
  const message = 'this looks like values of the chart, whose settings are below config'
  const fix = `Give what is below config: yq .config ${path} > webhook.yaml`
  throw new Failure({ code: 'ConfigurationMalformed', field: path, message, fix })
}

/** The path in the cluster's configuration is one of the webhook's pods, and none of here. */
function readAuthorities(config: ConfigOf<'webhook'>, isElsewhere: boolean): string | undefined {
  const path = config['aws.stsCaFile']
  if (path === undefined || !isElsewhere) return readStsCa(config)
  const message = `the configuration names ${path}, which is in the pods of the webhook`
  throw new Failure({
    code: 'SettingMissing',
    field: '--aws-sts-ca-file',
    message,
    fix: 'Give a copy of it with --aws-sts-ca-file FILE',
  })
}
