import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void

/** What may come and go without anybody looking, in bytes. */
const MARGIN = 2 * 2 ** 20

/**
 * Collects all garbage and gives the pages back where the process has grown, which V8 by itself does not for as long as
 * there is enough memory; some 10 ms. The collector is got hold of late: on the command line its flag would cost Node its
 * code cache.
 */
export function memoryKeeper(): () => void {
  let collect: Collect | undefined
  let usual = 0
  return () => {
    if (process.memoryUsage.rss() < usual + MARGIN) return
    if (collect === undefined) {
      setFlagsFromString('--expose-gc')
      collect = runInNewContext('gc') as Collect
    }
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    usual = process.memoryUsage.rss()
  }
}
