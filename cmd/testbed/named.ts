import { Failure } from '../../src/errors/index.ts'
import { TestbedError } from '../../src/testbed/index.ts'

/** What the account or the address cannot be, as a failure that names the setting. */
export async function named<T>(setting: string, starting: Promise<T>): Promise<T> {
  try {
    return await starting
  } catch (thrown) {
    if (thrown instanceof TestbedError) throw new Failure({ code: 'SettingInvalid', message: thrown.message })
    const cause = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
    throw new Failure({
      code: cause === 'EADDRINUSE' ? 'PortInUse' : 'ListenFailed',
      field: setting,
      message: `it cannot be listened on (${cause})`,
    })
  }
}
