import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const PROGRAMS = { oidc: 'test/support/oidcProviderMain.ts', saml: 'test/support/samlIdpMain.ts' } as const

export type ImageContext = { readonly folder: string; readonly dockerfile: string; readonly remove: () => void }

/** A folder that docker can build the image of the identity providers from: their programs, each one file. */
export async function idpContext(root: string): Promise<ImageContext> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-idp-'))
  const dockerfile = join(folder, 'Dockerfile')
  copyFileSync(join(root, 'test/e2e/images/idp.Dockerfile'), dockerfile)
  await Promise.all(
    Object.entries(PROGRAMS).map(([name, entry]) =>
      build({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile: join(folder, `${name}.mjs`),
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'esm',
        // The compiler's paths are for its types alone.
        tsconfigRaw: {},
        // Packages in CommonJS require Node's own modules.
        banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
        logLevel: 'error',
      }),
    ),
  )
  return { folder, dockerfile, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
