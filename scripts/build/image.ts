import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAuthorities } from './authorities.ts'
import { type Built, buildBundles, testbedBundles, variants } from './bundles.ts'
import { collectLicences } from './licenceTexts.ts'
import { contentsOf } from './packages.ts'
import { makeSbom } from './sbom.ts'
import { settle } from './settle.ts'

/** Each image's files, by the name of its Dockerfile target. */
const images = { ...variants, testbed: testbedBundles } as const

/** `kubectl exec POD -c lanyard -- lanyard doctor`: there is no shell that could start Node. */
const COMMAND = "#!/nodejs/bin/node\nrequire('/app/doctor.cjs')\n"

/**
 * Writes what the Dockerfile copies into its images: `FOLDER/TARGET/{app,licenses,sbom}`. Of the same sources the same bytes,
 * with the same modes and the time that is given, in seconds since 1970.
 */
export async function buildImages(root: string, folder: string, epoch = 0): Promise<readonly Built[]> {
  rmSync(folder, { recursive: true, force: true })
  const built = Object.entries(images).map(async ([target, wanted]) => {
    const path = (...names: readonly string[]): string => join(folder, target, ...names)
    const made = await buildBundles(root, path('app'), wanted)
    const contents = contentsOf(root, made)
    for (const name of ['licenses', 'sbom']) mkdirSync(path(name), { recursive: true })
    copyFileSync(join(root, 'LICENSE'), path('licenses', 'LICENSE'))
    writeFileSync(path('licenses', 'THIRD-PARTY'), collectLicences(root, contents.packages))
    writeFileSync(path('sbom', 'lanyard.cdx.json'), makeSbom(root, contents))
    if (target !== 'testbed') {
      writeAuthorities(path('app', 'authorities'))
      mkdirSync(path('usr', 'local', 'bin'), { recursive: true })
      writeFileSync(path('usr', 'local', 'bin', 'lanyard'), COMMAND, { mode: 0o755 })
    }
    return made
  })
  const all = (await Promise.all(built)).flat()
  settle(folder, epoch)
  return all
}
