import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type SandboxOptions = {
  readonly podUid: string | undefined
  /** Where the kernel tells of this process: /proc/self. */
  readonly proc?: string
  /** The file that the container runtime makes anew for each sandbox: /etc/resolv.conf. */
  readonly file?: string
}

/** containerd: …/sandboxes/ID/resolv.conf; CRI-O: …/ID/userdata/resolv.conf; cri-dockerd: …/containers/ID/resolv.conf. */
const sandboxId = /\/[0-9a-f]{64}(?:\/userdata)?\/[^/]+$/

/**
 * What names the pod's sandbox: a restarted container is in the same one, a restarted pod is not. The kernel uses the
 * number of a network namespace again, so it takes the sandbox's resolv.conf too: the path that it is mounted from holds
 * the sandbox's id; where the runtime shows none, its inode and the time of its last change. Undefined where anything
 * of it cannot be read: better a sandbox that seems new than one that seems old.
 */
export function nameSandbox(options: SandboxOptions): string | undefined {
  const { podUid = '', proc = '/proc/self', file = '/etc/resolv.conf' } = options
  try {
    const source = mountedFrom(file, readFileSync(join(proc, 'mountinfo'), 'utf8'))
    // A file of the image is the same in every sandbox.
    if (podUid === '' || source === undefined) return undefined
    const { dev, ino, ctimeNs } = statSync(file, { bigint: true })
    const own = sandboxId.test(source) ? [source] : [source, dev, ino, ctimeNs]
    return [podUid, readlinkSync(join(proc, 'ns/net')), ...own].join(' ')
  } catch {
    return undefined
  }
}

/** The path within the file system that a mount shows (proc_pid_mountinfo(5): fields 4 and 5); the last mount counts. */
function mountedFrom(file: string, mounts: string): string | undefined {
  const fields = mounts.split('\n').map((line) => line.split(' '))
  return fields.findLast(([, , , , point]) => point === file)?.[3]
}
