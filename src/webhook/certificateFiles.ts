import { type CertificatePair, type CertificateSource, checkCertificate } from './tls.ts'

/** A source that reads its files again when it is told to. */
export type CertificateFiles = CertificateSource & {
  /**
   * Reads both files; where they hold another valid pair, listeners are told. A pair caught halfway through its
   * replacement fails here and is served by nobody.
   * @throws Failure CertificateInvalid, and whatever `read` throws; the pair that is served stays.
   */
  reload(): Promise<'changed' | 'unchanged'>
}

export type CertificateFilesOptions = {
  readonly certFile: string
  readonly keyFile: string
  /** Reads a text file; throws Failure FileUnreadable. */
  readonly read: (path: string) => Promise<string>
}

/**
 * The pair in two files, as a Secret volume or cert-manager keeps them up to date.
 * @throws Failure CertificateInvalid, and whatever `read` throws.
 */
export async function certificateFiles(options: CertificateFilesOptions): Promise<CertificateFiles> {
  const listeners = new Set<(pair: CertificatePair) => void>()
  let served = await readPair(options)
  checkCertificate(served)
  return {
    current: () => served,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async reload() {
      const pair = await readPair(options)
      // Asked every few seconds, and a check costs more than all else that an idle webhook does.
      if (pair.cert === served.cert && pair.key === served.key) return 'unchanged'
      checkCertificate(pair)
      served = pair
      for (const listener of listeners) listener(pair)
      return 'changed'
    },
  }
}

async function readPair({ certFile, keyFile, read }: CertificateFilesOptions): Promise<CertificatePair> {
  const [cert, key] = await Promise.all([read(certFile), read(keyFile)])
  return { cert, key }
}
