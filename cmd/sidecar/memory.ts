import process from 'node:process'

/** Collects all garbage, and gives its pages back. */
export type Collect = () => void

/** What may come and go without anybody looking, in bytes. */
const MARGIN = 2 ** 20

/** Collects where the process has grown, which no runtime does by itself for as long as there is enough memory; some 10 ms. */
export function memoryKeeper(collect: Collect): () => void {
  let usual = 0
  return () => {
    if (process.memoryUsage.rss() < usual + MARGIN) return
    collect()
    usual = process.memoryUsage.rss()
  }
}

type Major = (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void

/**
 * V8's. It is got hold of late: on the command line its flag would cost Node its code cache, and what it comes from, loaded
 * at the start, would be in the way of the first credentials.
 */
export function v8Collector(): Collect {
  let major: Major | undefined
  return () => {
    if (major === undefined) {
      process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
      major = process.getBuiltinModule('node:vm').runInNewContext('gc') as Major
    }
    major({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
}
