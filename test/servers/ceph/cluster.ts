import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { CertificateAuthority } from '../../../src/testbed/index.ts'
import { type Process, startProcess } from '../../conformance/process.ts'
import { freePort } from '../../support/processes.ts'
import { type Keys, untilReady } from '../reach.ts'

/** One monitor, one store in memory, one gateway with STS turned on, all on loopback. */
export type Cluster = {
  /** The gateway's, for STS, IAM and S3. */
  readonly endpoint: string
  /** Who may do everything in IAM. */
  readonly keys: Keys
  /** Its file: what the administrator's programs are told by `CEPH_CONF`. */
  readonly configuration: string
  /** The end of the gateway's log. */
  readonly log: () => string
  readonly stop: () => Promise<void>
}

const run = promisify(execFile)
const READY_WITHIN = 60_000

/** `dir` is empty or absent; whoever made it removes it. Throws with what a daemon said, where one does not come up. */
export async function startCluster(dir: string, ca: CertificateAuthority): Promise<Cluster> {
  const fsid = randomUUID()
  const [monitorPort, port] = [await freePort(), await freePort()]
  const endpoint = `https://127.0.0.1:${port}`
  const file = (name: string): string => join(dir, name)
  for (const name of ['', 'mon', 'osd', 'rgw']) mkdirSync(file(name), { recursive: true })
  const { cert, key } = await ca.issue(['127.0.0.1', 'localhost'])
  writeFileSync(file('tls.crt'), cert)
  writeFileSync(file('tls.key'), key, { mode: 0o600 })
  writeFileSync(file('ceph.conf'), configuration({ dir, fsid, monitorPort, port }))
  const env = { PATH: process.env['PATH'] ?? '', CEPH_CONF: file('ceph.conf') }
  const command = (program: string, ...args: string[]) => run(program, args, { env, timeout: READY_WITHIN })
  const daemon = (...line: string[]): Process => startProcess({ command: line, env, cwd: dir })

  await command('monmaptool', '--create', '--addv', 'a', `[v2:127.0.0.1:${monitorPort}]`, '--fsid', fsid, file('map'))
  await command('ceph-mon', '--mkfs', '-i', 'a', '--monmap', file('map'))
  const daemons = [daemon('ceph-mon', '-i', 'a', '-f')]
  const stop = async (): Promise<void> => void (await Promise.all(daemons.map((each) => each.kill())))
  try {
    const disk = randomUUID()
    await command('ceph', '--connect-timeout', '30', 'osd', 'new', disk, '0')
    await command('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', disk)
    const gateway = daemon('radosgw', '-n', 'client.rgw', '-f')
    daemons.push(daemon('ceph-osd', '-i', '0', '-f'), gateway)
    await untilReady(`${endpoint}/`, ca.pem, gateway)
    const keys = await createAdmin(command)
    const log = (): string => readFileSync(file('client.rgw.log'), 'utf8').slice(-20_000)
    return { endpoint, keys, configuration: file('ceph.conf'), log, stop }
  } catch (thrown) {
    const said = daemons.map((each) => each.stderr().trim().slice(-500)).join('\n')
    await stop()
    throw new Error(`Ceph does not come up: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${said}`)
  }
}

type Place = { readonly dir: string; readonly fsid: string; readonly monitorPort: number; readonly port: number }

/**
 * Without cephx: all of it is on loopback and gone after the run. The gateway would else insist on a mode of its own
 * for the monitor. It fetches keys from issuers whose certificates the system does not know; what it trusts is the
 * thumbprint of the certificate in the JWKS, which it compares.
 */
const configuration = ({ dir, fsid, monitorPort, port }: Place): string => `[global]
fsid = ${fsid}
mon initial members = a
mon host = v2:127.0.0.1:${monitorPort}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
paxos propose interval = 0.05
rgw rados pool pg num min = 1
run dir = ${dir}
admin socket =
log file = ${dir}/$name.log
[mon.a]
mon data = ${dir}/mon
[osd.0]
osd data = ${dir}/osd
osd objectstore = memstore
memstore device bytes = 268435456
[client.rgw]
rgw data = ${dir}/rgw
rgw frontends = beast ssl_endpoint=127.0.0.1:${port} ssl_certificate=${dir}/tls.crt ssl_private_key=${dir}/tls.key
rgw sts key = ${randomUUID().slice(0, 16)}
rgw s3 auth use sts = true
rgw verify ssl = false
rgw dns name = localhost
rgw enable usage log = false
rgw enable gc threads = false
rgw enable lc threads = false
`

async function createAdmin(
  command: (program: string, ...args: string[]) => Promise<{ readonly stdout: string }>,
): Promise<Keys> {
  const named = ['--uid=admin', '--display-name=admin', '--caps=roles=*;oidc-provider=*;user-policy=*']
  const { stdout } = await command('radosgw-admin', 'user', 'create', ...named)
  const [first] = (JSON.parse(stdout) as { keys: { access_key: string; secret_key: string }[] }).keys
  if (first === undefined) throw new Error('radosgw-admin made a user without keys')
  return { accessKeyId: first.access_key, secretAccessKey: first.secret_key }
}
