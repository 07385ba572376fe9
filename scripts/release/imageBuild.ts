/** How an image is built so that whoever builds it again gets the same digest: declared once, for both of BuildKit's clients. */

/** The targets of the Dockerfile that are published: the repository, and what follows the version in the tag. */
export const TARGETS = {
  product: { repository: 'lanyard', suffix: '' },
  slim: { repository: 'lanyard', suffix: '-slim' },
  testbed: { repository: 'lanyard-testbed', suffix: '' },
} as const
export type Target = keyof typeof TARGETS

export const isTarget = (text: string): text is Target => Object.hasOwn(TARGETS, text)

/** BuildKit's version: another one might compress otherwise. A test holds the builder's go.mod and the workflow to it. */
export const BUILDKIT = 'v0.26.2'

export type ImageBuild = {
  readonly target: Target
  readonly platforms: readonly string[]
  readonly version: string
  /** The commit. */
  readonly revision: string
  /** When it was made, in seconds since 1970: the time of all that is in the image. */
  readonly epoch: number
  /** Where the sources are, for a label. */
  readonly source: string
}

/** The build arguments. The labels tell nothing that does not follow from the commit. */
export function argumentsOf({ version, revision, epoch, source }: ImageBuild): Readonly<Record<string, string>> {
  return {
    SOURCE_DATE_EPOCH: String(epoch),
    VERSION: version,
    REVISION: revision,
    CREATED: new Date(epoch * 1000).toISOString().replace('.000Z', 'Z'),
    SOURCE: source,
  }
}

/** Layers have the commit's time; OCI's media types, so that a file and a registry hold the same manifest. */
const REPRODUCIBLE = 'rewrite-timestamp=true,oci-mediatypes=true,compression=gzip,force-compression=false'

/** The Dockerfile's bases by argument, each with its digest. */
export type Bases = Readonly<Record<string, string>>

const BASE = /^(\w+_IMAGE)=(\S+@sha256:[0-9a-f]{64})$/

/** Reads lines `NAME=IMAGE@DIGEST`. Throws for a line that pins nothing, and where there is none. */
export function readBases(text: string): Bases {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new Error('no base is named')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, image] = BASE.exec(line) ?? []
      if (name === undefined || image === undefined) throw new Error(`no base by its digest: ${line}`)
      return [name, image] as const
    }),
  )
}

export type Output =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'push'; readonly name: string }
  | { readonly kind: 'folder'; readonly path: string }

const outputOf = (output: Output): string => {
  if (output.kind === 'folder') return `type=local,dest=${output.path}`
  if (output.kind === 'file') return `type=oci,dest=${output.path},${REPRODUCIBLE}`
  return `type=image,name=${output.name},push=true,${REPRODUCIBLE}`
}

/**
 * For `docker`: `buildx build` with a builder of BuildKit's own (the daemon's cannot rewrite times). No attestation of
 * BuildKit's is in the index, since these say when they were made: they are attached to its digest afterwards.
 */
export function buildxArguments(
  build: ImageBuild,
  bases: Bases,
  output: Output,
  { anew, metadata }: { readonly anew: boolean; readonly metadata: string },
): readonly string[] {
  const all = { ...argumentsOf(build), ...bases }
  return [
    ...['buildx', 'build', '--target', build.target, '--platform', build.platforms.join(',')],
    ...Object.entries(all).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...['--provenance=false', '--sbom=false', '--metadata-file', metadata, ...(anew ? ['--no-cache'] : [])],
    ...['--output', outputOf(output), '.'],
  ]
}

/** For `buildctl build`, with the bases out of a layout of images in a folder, each by its name there and its digest. */
export function buildctlArguments(
  build: ImageBuild,
  context: string,
  layout: { readonly folder: string; readonly bases: Readonly<Record<string, string>> },
  output: Output,
): readonly string[] {
  const opt = (name: string, value: string): readonly string[] => ['--opt', `${name}=${value}`]
  return [
    ...['build', '--progress=plain', '--frontend=dockerfile.v0'],
    ...['--local', `context=${context}`, '--local', `dockerfile=${context}`, '--oci-layout', `bases=${layout.folder}`],
    ...opt('target', build.target),
    ...opt('platform', build.platforms.join(',')),
    ...Object.entries(argumentsOf(build)).flatMap(([name, value]) => opt(`build-arg:${name}`, value)),
    ...Object.entries(layout.bases).flatMap(([name, digest]) => opt(`context:${name}`, `oci-layout://bases@${digest}`)),
    ...['--output', outputOf(output)],
  ]
}
