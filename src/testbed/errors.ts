/** A testbed was set up or used in a way that cannot work; the message names the option, the problem and the fix. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError'
}
