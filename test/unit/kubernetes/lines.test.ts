import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineTrouble, splitLines } from '../../../src/kubernetes/watch/lines.ts'

const trouble: LineTrouble = (what) => new Error(what)

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0
  for (const size of sizes) {
    yield bytes.subarray(from, from + size)
    from += size
  }
  yield bytes.subarray(from)
}

async function linesOf(text: string, sizes: readonly number[] = [], longest = 1_000): Promise<string[]> {
  const lines: string[] = []
  for await (const line of splitLines(cut(Buffer.from(text), sizes), longest, trouble)) lines.push(line)
  return lines
}

test('lines come out as they went in, wherever the stream is cut', async () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''))
  const sizes = fc.array(fc.nat(9))
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, async (lines, cuts) => {
      expect(await linesOf(lines.map((each) => `${each}\n`).join(''), cuts)).toEqual(lines)
    }),
  )
})

test.each([[[]], [[4]], [[5]], [[1, 1, 1, 1, 1, 1]]])(
  'a line may be as long as the bound and no longer (%j)',
  async (sizes) => {
    await expect(linesOf('12345\n12345\n', sizes, 5)).resolves.toEqual(['12345', '12345'])
    await expect(linesOf('12345\n123456\n', sizes, 5)).rejects.toThrow('too long')
    await expect(linesOf('123456', sizes, 5)).rejects.toThrow('too long')
  },
)

test('what the end cuts off is no line', async () => {
  await expect(linesOf('a\nb')).rejects.toThrow('cut off')
  await expect(linesOf('')).resolves.toEqual([])
})
