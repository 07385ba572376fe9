/** `npm run build`: dist/ with the npm package's JavaScript and types, and a bundle for each thing that a pod runs. */
import { join } from 'node:path'
import process from 'node:process'
import { buildAll } from './build/dist.ts'

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} kB`.padStart(10)

const root = process.cwd()
const built = await buildAll(root, join(root, 'dist'))
console.log('dist/cmd, dist/src: the npm package')
for (const { name, doc, bytes, zipped } of built) {
  console.log(`dist/bundles/${name.padEnd(12)} ${kilobytes(bytes)} ${kilobytes(zipped)} gzipped  ${doc}`)
}
