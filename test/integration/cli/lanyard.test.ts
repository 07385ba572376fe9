import { describe, expect, test } from 'vitest'
import { VERSION } from '../../../src/version.ts'
import { finish } from '../../support/processes.ts'

const lanyard = (...args: readonly string[]) => finish({ program: 'lanyard.ts', args })
const said = (stdout: string) => ({ code: 0, signal: null, stdout, stderr: '' })

describe('lanyard', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j lists the commands', async (args) => {
    const { code, stdout, stderr } = await lanyard(...args)
    expect([code, stderr]).toEqual([0, ''])
    for (const command of ['demo', 'inject', 'webhook', 'sidecar', 'wait'])
      expect(stdout).toMatch(new RegExp(`^  ${command} +\\S`, 'm'))
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 called wrongly.')
    expect(tooWide(stdout)).toEqual([])
  })

  test('--version says which one it is', async () => {
    expect(await lanyard('--version')).toEqual(said(`lanyard ${VERSION}\n`))
  })

  test.each(['inject', 'webhook', 'sidecar', 'demo', 'wait'])(
    '%s --help fits a terminal of 80 columns',
    async (command) => {
      const { code, stdout, stderr } = await lanyard(command, '--help')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(new RegExp(`^Usage:\n  lanyard ${command}`, 'm'))
      expect(tooWide(stdout)).toEqual([])
    },
  )

  test.each([
    [['webhok'], 'CommandUnknown: webhok: it is not known; did you mean "webhook"? '],
    [['setup', 'isuer'], 'CommandUnknown: isuer: it is not known; did you mean "issuer"? lanyard setup --help lists'],
    [['__proto__'], 'CommandUnknown: __proto__: it is not known. '],
    [['webhook', '--confg', 'x'], 'FlagUnknown: --confg: it is not known here; did you mean "--config"? '],
    [['webhook', '--config'], 'FlagUnknown: --config: it needs a value: --config FILE. '],
    [['webhook', '--config', '--help'], 'FlagUnknown: --config: it needs a value: --config FILE. '],
    [['webhook', 'file.yaml'], 'FlagUnknown: file.yaml: it is not known here. '],
    [['sidecar', '--role', 'x'], 'FlagUnknown: --role: it is not known here. '],
    [['demo', '--keep=yes'], 'FlagUnknown: --keep: it takes no value. '],
    [['demo', '--jsn'], 'FlagUnknown: --jsn: it is not known here; did you mean "--json"? '],
  ])('%j is called wrongly: one line, exit code 2', async (args, line) => {
    const { code, stdout, stderr } = await lanyard(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.startsWith(line)).toBe(true)
    expect(stderr).toMatch(/^[^\n]+\n$/)
  })

  test('wait gives up as the program of the start gate does', async () => {
    const env = { LANYARD_METRICS_PORT: '1', LANYARD_START_GATE_SECONDS: '0.05' }
    const { code, stderr } = await finish({ program: 'lanyard.ts', args: ['wait'], env })
    expect([code, stderr]).toEqual([1, 'GateTimeout: no credentials within 0.05 s: the sidecar does not answer\n'])
  })
})

const tooWide = (text: string): string[] => text.split('\n').filter((line) => line.length > 80)
