/** `npm run docs`: writes docs/reference and what is generated of the chart anew, from the tables in the code. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { makePages, REFERENCE } from './docs/pages.ts'

const root = process.cwd()
const pages = await makePages(root)
rmSync(join(root, REFERENCE), { recursive: true, force: true })
mkdirSync(join(root, REFERENCE), { recursive: true })
for (const [path, text] of pages) {
  writeFileSync(join(root, path), text)
  console.log(path)
}
