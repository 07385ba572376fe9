import { Failure, toFailure } from '../../src/errors/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import type { Log } from '../../src/terminal/log.ts'
import { type CertificateFiles, certificateFiles } from '../../src/webhook/index.ts'
import { readText } from './settings.ts'
import type { CertificateParts, Certificates } from './types.ts'

/** The certificate that the webhook serves, once there is one: of files, or of the built-in authority. */
export async function openCertificates(config: ConfigOf<'webhook'>, parts: CertificateParts): Promise<Certificates> {
  const { 'tls.certFile': certFile, 'tls.keyFile': keyFile, 'tls.namespace': namespace } = config
  if (certFile !== undefined && keyFile !== undefined) return openFiles({ certFile, keyFile }, parts)
  // readSettings has seen to it that one or the other is there.
  if (namespace === undefined)
    throw new Failure({ code: 'SettingMissing', field: 'tls.namespace', message: 'no value' })
  // Only then: it brings the Kubernetes client and an X.509 library with it.
  const { openAuthority } = await import('./authority.ts')
  return openAuthority(config, namespace, parts)
}

async function openFiles(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  { log, certificatePoll }: CertificateParts,
): Promise<Certificates> {
  const read = async (path: string): Promise<string> =>
    readText(path, path === keyFile ? 'tls.keyFile' : 'tls.certFile')
  const source = await certificateFiles({ certFile, keyFile, read })
  const unfollow = follow(source, log, certificatePoll)
  return { source, trusted: () => true, stop: async () => unfollow() }
}

/** Polled, since a Secret volume swaps a symbolic link above the files, which file watches miss. */
function follow(files: CertificateFiles, log: Log, every: number): () => void {
  let told: string | undefined
  const reload = async (): Promise<void> => {
    try {
      await files.reload()
      told = undefined
    } catch (thrown) {
      const error = toFailure(thrown)
      if (error.message !== told) log.error('certificate files not taken over', { error })
      told = error.message
    }
  }
  const timer = setInterval(() => void reload(), every)
  return () => clearInterval(timer)
}
