/** `node scripts/image.ts [FOLDER]`: the files of the images, which the Dockerfile copies; `dist/image` by default. Their time is SOURCE_DATE_EPOCH. */
import { join } from 'node:path'
import process from 'node:process'
import { buildImages } from './build/image.ts'
import { epochOf } from './build/settle.ts'

const root = process.cwd()
const folder = process.argv[2] ?? join(root, 'dist', 'image')
for (const { name, bytes, doc } of await buildImages(root, folder, epochOf(process.env)))
  console.log(`${name.padEnd(12)} ${(bytes / 1024).toFixed(1).padStart(8)} kB  ${doc}`)
