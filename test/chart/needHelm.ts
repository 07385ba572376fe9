import { helm } from './helm.ts'

/** Without Helm nothing here can say anything, so it fails with a sentence rather than skip. */
export async function setup(): Promise<void> {
  const { ok } = await helm(['version']).catch(() => ({ ok: false }))
  if (!ok) throw new Error('npm run chart needs Helm 3 or 4: put helm on the PATH, or name it by the variable HELM')
}
