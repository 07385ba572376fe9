import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAuthorities } from '../../scripts/build/authorities.ts'
import { scratch } from '../support/processes.ts'
import type { Bench, Found, Ground } from './bench.ts'
import { bytesOf, compareContents, expectedOf, parseListings } from './image/contents.ts'
import { builderAuthorities, buildTarget, hasDocker, listLayers } from './image/docker.ts'
import { IMAGES } from './podStart/world.ts'
import { spreadOf } from './statistics.ts'

export const BENCH: Bench = {
  name: 'image',
  about: 'what the image adds to its base; where there is docker, that it holds this and nothing else',
  run: measure,
}

/** Throws where the image holds anything else than what the build has written, or by other modes or owners. */
async function measure({ folder, atEnd, say }: Ground): Promise<Found> {
  const expected = expectedOf(join(folder, 'product'))
  const measurements = [{ id: 'image.size', value: spreadOf([bytesOf(expected) / 1e6]) }] as const
  if (!(await hasDocker())) return { measurements, leftOut: ["the image's layers: no docker daemon answers"] }
  say('building the image, and looking into its layers')
  await buildTarget('product', IMAGES.product)
  const wanted = expectedOf(await asBuilt(join(folder, 'product'), scratch(atEnd)))
  const found = parseListings(await listLayers(IMAGES.product, scratch(atEnd)))
  const wrong = compareContents(wanted, found)
  if (wrong.length > 0) throw new Error(`the image is not what the build has written: ${wrong.join('; ')}`)
  return { measurements }
}

/** The same with the authorities of the builder's Node. */
async function asBuilt(product: string, copy: string): Promise<string> {
  cpSync(product, copy, { recursive: true })
  const authorities = join(copy, 'app/authorities')
  rmSync(authorities, { recursive: true })
  writeAuthorities(authorities, await builderAuthorities())
  return copy
}
