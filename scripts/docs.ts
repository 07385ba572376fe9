/** `npm run docs`: writes docs/reference, docs/runbooks and what is generated of the chart anew, from the tables in the code. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { GENERATED, makePages } from './docs/pages.ts'

const root = process.cwd()
const pages = await makePages(root)
for (const folder of GENERATED) {
  rmSync(join(root, folder), { recursive: true, force: true })
  mkdirSync(join(root, folder), { recursive: true })
}
for (const [path, text] of pages) {
  writeFileSync(join(root, path), text)
  console.log(path)
}
